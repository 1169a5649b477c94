using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tool.Tests;

public class PredictTests : WorkspaceTests
{
    [Test]
    public void WhatIsSaidIsWritten()
    {
        string[] lines = Predict("said");
        string[] files = [.. lines[2..]];
        Assert.That(files, Is.EqualTo(new[] { "0.mask.png", "0.overlay.png", "0.prediction.json" }.Select(name => Path.Combine(_folder.Path("said"), name))));
        Assert.That(Directory.EnumerateFiles(_folder.Path("said")).Order(), Is.EqualTo(files));
        var mask = SegmentationMask.LoadPng(files[0]);
        Assert.That((mask.Width, mask.Height), Is.EqualTo((TinyModel.Side, TinyModel.Side)));
        var overlay = RgbImage.Load(files[1]);
        Assert.That((overlay.Width, overlay.Height), Is.EqualTo((TinyModel.Side, TinyModel.Side)));
        JsonNode prediction = JsonNode.Parse(File.ReadAllText(files[2]))!;
        Assert.That((long)prediction["pixels"]!, Is.EqualTo(mask.Area));
        Assert.That((string?)prediction["answer"], Is.EqualTo(lines[0]));
        Assert.That((int)prediction["options"]!["seed"]!, Is.EqualTo(1), "the default");
        Assert.That(lines[1], Is.EqualTo(string.Create(CultureInfo.InvariantCulture,
            $"{mask.Area} pixels, confidence {(double)prediction["confidence"]!:0.00}, {(int)prediction["hypotheses"]!} hypotheses{((bool)prediction["lookedAgain"]! ? ", looked twice" : "")}")));
    }

    [Test]
    public void OneGreedyAnswerIsOneHypothesis() => Assert.That(Predict("greedy", "--greedy")[1], Does.Contain("1 hypothesis").And.Not.Contain("twice"));

    [Test]
    public void TheSameSeedGivesTheSameFiles()
    {
        Predict("one", "--seed", "5");
        Predict("two", "--seed", "5");
        foreach (string file in new[] { "0.mask.png", "0.overlay.png" })
            Assert.That(File.ReadAllBytes(_folder.Path($"one/{file}")), Is.EqualTo(File.ReadAllBytes(_folder.Path($"two/{file}"))));
    }

    [Test]
    public void ResultsGoBesideTheImageWhereNoFolderIsGiven()
    {
        File.Copy(_folder.Path("coco/images/1.png"), _folder.Path("alone.png"));
        CommandLine.Succeed("predict", _folder.Path("alone.png"), "red", "--model", _folder.Model);
        Assert.That(File.Exists(_folder.Path("alone.mask.png")));
    }

    private string[] Predict(string output, params string[] more) =>
        CommandLine.Succeed(["predict", _folder.Path("coco/images/0.png"), "the red", "--model", _folder.Model, "--out", _folder.Path(output), .. more]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
