using System.Text.Json.Nodes;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tool.Tests;

/// <summary><c>drseg evaluate --predictions</c>, and the predictions that it writes itself.</summary>
public class PredictionTests : WorkspaceTests
{
    private string _answers = null!;

    [OneTimeSetUp]
    public void Answer()
    {
        _answers = _folder.Path("answers.json");
        Assert.That(CommandLine.Succeed("evaluate", "--model", _folder.Model, "--data", _folder.DataSet, "--save-predictions", _answers), Does.Contain($"Predictions: {_answers}"));
    }

    [Test]
    public void WhatAModelAnswersIsScoredAsAnyOthersPredictions()
    {
        JsonArray records = JsonNode.Parse(File.ReadAllText(_answers))!.AsArray();
        Assert.That(records, Has.Count.InRange(1, 4 * TinyWorkspace.Images));
        Assert.That(records.Select(record => (int)record!["image_id"]!), Is.All.InRange(1, TinyWorkspace.Images));
        string figures = _folder.Path("ap.json"), classes = _folder.Path("ap.csv"), confusion = _folder.Path("confusion.svg");
        string said = CommandLine.Succeed("evaluate", "--data", _folder.DataSet, "--predictions", _answers, "--out", figures, "--classes", classes, "--confusion", confusion, "--each-class");
        Assert.That(said, Does.Match(@"Coco masks, 9 images, \d categories").And.Match(@"\nAP +0\.\d{4}").And.Contain("AR@10 ").And.Contain("Each category").And.Contain("Confusion matrix of detections that score at least"));
        JsonNode written = JsonNode.Parse(File.ReadAllText(figures))!;
        Assert.That((double)written["figures"]!["AP50"]!, Is.InRange(0, 1));
        Assert.That((string?)written["options"]!["predictions"], Is.EqualTo(_answers));
        Assert.That(File.ReadAllLines(classes)[0], Is.EqualTo("class,AP,AP50,AR,F1,score,objects"));
        Assert.That(File.ReadAllText(confusion), Does.StartWith("<svg").And.Contain("(nothing)"));
    }

    [Test]
    public void ThresholdsRangesAndMaximaAreOnesOwn()
    {
        string said = CommandLine.Succeed("evaluate", "--data", _folder.DataSet, "--predictions", _answers, "--thresholds", "0.1,0.25", "--area-ranges", "tiny:0-64, rest:64-1e9",
            "--recall-maxima", "2,3", "--maximum-detections", "3", "--overlap", "boxes");
        Assert.That(said, Does.Contain("Coco boxes").And.Match(@"\nAP10 +").And.Match(@"\nAP25 +").And.Match(@"\nAP tiny +").And.Match(@"\nAR@3 +").And.Not.Contain("AP75").And.Not.Contain("small"));
        Assert.That(CommandLine.Succeed("evaluate", "--data", _folder.DataSet, "--predictions", _answers, "--overlap", "boundaries"), Does.Contain("Coco boundaries"));
    }

    [Test]
    public void AFolderOfMasksIsScoredQueryByQuery()
    {
        string data = _folder.Path("pairs"), found = _folder.Path("found");
        foreach (string folder in new[] { "images", "masks" }) Directory.CreateDirectory(Path.Combine(data, folder));
        Directory.CreateDirectory(found);
        string picture = Path.Combine(_folder.DataSet, "images", "0.png");
        File.Copy(picture, Path.Combine(data, "images", "0.png"));
        foreach (string mask in new[] { Path.Combine(data, "masks", "0.png"), Path.Combine(found, "0.png") }) File.Copy(picture, mask);
        Assert.That(CommandLine.Succeed("evaluate", "--data", data, "--predictions", found), Does.Contain("1 queries").And.Match(@"\ngIoU +1\.0000"));
    }

    [Test]
    public void MistakesAreToldInOneLine()
    {
        string data = _folder.DataSet, stray = _folder.Path("stray.json");
        File.WriteAllText(stray, """[{"image_id": 77, "category_id": 1, "score": 1, "bbox": [0, 0, 1, 1]}]""");
        void Refuse(string[] mentioned, params string[] arguments) => CommandLine.Refuse(ExitCode.Failed, mentioned, ["evaluate", .. arguments]);
        Refuse(["--data"], "--predictions", _answers);
        Refuse(["none.json"], "--data", data, "--predictions", "none.json");
        Refuse(["no image with the id 77", "stray.json", "byte 1"], "--data", data, "--predictions", stray);
        Refuse(["--thresholds", "'half'"], "--data", data, "--predictions", _answers, "--thresholds", "0.5,half");
        Refuse(["--area-ranges", "'tiny'"], "--data", data, "--predictions", _answers, "--area-ranges", "tiny");
        Refuse(["'tiny' is 9 to 4"], "--data", data, "--predictions", _answers, "--area-ranges", "tiny:9-4");
        Refuse(["--recall-maxima", "'1.5'"], "--data", data, "--predictions", _answers, "--recall-maxima", "1.5");
        Refuse([".bmp"], "--data", data, "--predictions", _answers, "--confusion", "confusion.bmp");
        Refuse(["--save-predictions", "--data"], "--model", _folder.Model, "--save-predictions", "answers.json");
        CommandLine.Refuse(ExitCode.Usage, ["--predictions", "--model"], "evaluate", "--data", data, "--predictions", _answers, "--model", _folder.Model);
    }
}
