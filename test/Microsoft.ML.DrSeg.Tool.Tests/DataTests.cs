using System.Diagnostics;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tool.Tests;

public class DataTests
{
    private const int Patience = 60_000;

    private SyntheticPictures _pictures = null!;
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void MakePictures() => (_pictures, _folder) = (new SyntheticPictures(), new TemporaryFolder());

    [TearDown]
    public void RemoveAll()
    {
        _pictures.Dispose();
        _folder.Dispose();
    }

    [TestCase("coco", nameof(DataSetLayout.Coco))]
    [TestCase("lvis", nameof(DataSetLayout.Lvis))]
    [TestCase("refcoco", nameof(DataSetLayout.RefCoco))]
    public void WhatIsComposedIsInspected(string layout, string name)
    {
        string output = _folder.File("scenes");
        Assert.That(CommandLine.Succeed(Compose(output, "3", "--layout", layout)), Does.EndWith($"Wrote 3 scenes to {output}{Environment.NewLine}"));
        string sheet = _folder.File("sheet.png");
        string said = CommandLine.Succeed("data", "inspect", output, "--sheet", sheet, "--pictures", "2");
        Assert.That(said, Does.Match($@"layout +{name}\b").And.Match(@"images +3\b").And.Match(@"problems +0\b").And.Match(@"objects +[1-9]").And.Contain($"picture     {sheet}"));
        Assert.That(RgbImage.Load(sheet).Width, Is.GreaterThan(128));
    }

    [Test]
    public void SeveralObjectsAndAbsentThingsAreWritten()
    {
        string output = _folder.File("scenes");
        // On the training background only red and purple can be pasted, and both are; the other two nouns it shows itself.
        File.WriteAllText(Path.Combine(_pictures.Cutouts, "cutouts.csv"), "file,noun,split\nblue/0.png,blue,train\ngreen/0.png,green,train\nred/0.png,red,train\nred/1.png,purple,train\n");
        File.WriteAllText(Path.Combine(_pictures.Backgrounds, "backgrounds.csv"), "file,split,nouns,stuff\na.png,train,blue;green,sky\nb.png,tune,,sky\nc.png,test,,sky\n");
        CommandLine.Succeed(Compose(output, "20", "--layout", "refcoco", "--instances", "4", "--absent-nouns", "1"));
        AnnotatedQuery[] rows = [.. DataSetFinder.Open(output, new() { IncludeAbsent = true }).Read()];
        Assert.That(rows.Where(row => row.Traits.HasFlag(QueryTraits.Absent)), Is.Empty);
        Assert.That(rows.Select(row => row.Objects.Count).Max(), Is.EqualTo(4));

        CommandLine.Succeed(Compose(_folder.File("more"), "20", "--layout", "refcoco", "--split", "Test", "--absent-nouns", "2"));
        rows = [.. DataSetFinder.Open(_folder.File("more"), new() { IncludeAbsent = true }).Read()];
        Assert.That(rows.Where(row => row.Traits.HasFlag(QueryTraits.Absent)).GroupBy(row => row.ImageId).Select(image => image.Count()).Max(), Is.EqualTo(2));
        Assert.That(rows.Select(row => row.Objects.Count).Max(), Is.EqualTo(1));
    }

    [Test]
    public void NoPictureIsDrawnWhereNoneIsAskedFor()
    {
        CommandLine.Succeed(Compose(_folder.File("scenes"), "1"));
        string sheet = _folder.File("sheet.png");
        Assert.That(CommandLine.Succeed("data", "inspect", _folder.File("scenes"), "--sheet", sheet, "--pictures", "0"), Does.Not.Contain("picture"));
        Assert.That(File.Exists(sheet), Is.False);
    }

    [Test]
    public void AFolderThatHoldsSomethingIsLeftAlone()
    {
        File.WriteAllText(_folder.File("mine.txt"), "mine");
        CommandLine.Refuse(ExitCode.Failed, [_folder.Path, "another folder"], Compose(_folder.Path, "1"));
        Assert.That(_folder.Files, Is.EqualTo(new[] { "mine.txt" }));
    }

    [Test]
    public void ADamagedRowEndsTheInspectionOrIsCounted()
    {
        using var damaged = new DataSetTestFolder();
        damaged.Image("images/1.png", 4, 3);
        damaged.Write("instances.json", """
            {"images": [{"id": 1, "file_name": "1.png", "width": 4, "height": 3}], "categories": [{"id": 1, "name": "dog"}],
             "annotations": [{"id": 8, "image_id": 1, "category_id": 1, "segmentation": {"size": [3, 4], "counts": [3, 2, 70]}}]}
            """);
        CommandLine.Refuse(ExitCode.Failed, ["instances.json", "annotation at byte", "goes beyond the image"], "data", "inspect", damaged.Path);
        Assert.That(CommandLine.Succeed("data", "inspect", damaged.Path, "--skip-bad", "--pictures", "0"), Does.Match(@"problems +1\b").And.Match(@"rows +0\b"));
    }

    // Cut off behind its header, as a download that broke.
    private static void CutOff(DataSetTestFolder folder, string file)
    {
        var noise = new RgbImage(64, 48);
        new Random(1).NextBytes(noise.Pixels);
        noise.Save(folder[file]);
        File.WriteAllBytes(folder[file], File.ReadAllBytes(folder[file])[..3000]);
    }

    private static DataSetTestFolder WithACutOffPhotograph()
    {
        var folder = new DataSetTestFolder();
        folder.Image("pictures/a.jpg", 64, 48);
        folder.Image("pictures/b.jpg", 64, 48);
        CutOff(folder, "pictures/a.jpg");
        folder.Write("instances.json", """
            {"images": [{"id": 1, "file_name": "a.jpg", "width": 64, "height": 48}, {"id": 2, "file_name": "b.jpg", "width": 64, "height": 48}], "categories": [{"id": 1, "name": "dog"}],
             "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[10, 10, 30, 10, 30, 30, 10, 30]]}, {"id": 2, "image_id": 2, "category_id": 1, "segmentation": [[5, 5, 25, 5, 25, 25, 5, 25]]}]}
            """);
        return folder;
    }

    [TestCase]
    [TestCase("--decode")]
    [TestCase("--pictures", "0")]
    public void ACutOffPhotographIsAProblemOfTheInspection(params string[] more)
    {
        using DataSetTestFolder folder = WithACutOffPhotograph();
        Assert.That(CommandLine.Succeed(["data", "inspect", folder.Path, "--images", folder["pictures"], "--sheet", _folder.File("sheet.png"), .. more]),
            Does.Match(@"rows +2\b").And.Match(@"problems +1\b").And.Contain("a.jpg' cannot be read as an image: it is cut off."));
    }

    [Test]
    public void ACutOffPhotographEndsAnEvaluationInOneLineOrIsCountedOnce()
    {
        using DataSetTestFolder folder = WithACutOffPhotograph();
        CommandLine.Refuse(ExitCode.Failed, ["a.jpg", "cut off"], "evaluate", "--data", folder.Path, "--images", folder["pictures"]);
        Assert.That(CommandLine.Succeed("evaluate", "--data", folder.Path, "--images", folder["pictures"], "--skip-bad-rows"), Does.Contain("Damaged rows left out: 1; the first: ").And.Contain("a.jpg"));
        CommandLine.Refuse(ExitCode.Failed, ["a.jpg", "cut off"], "predict", folder["pictures/a.jpg"], "dog");
        File.Delete(folder["pictures/a.jpg"]);
        CommandLine.Refuse(ExitCode.Failed, ["a.jpg", "There is no image file"], "evaluate", "--data", folder.Path, "--images", folder["pictures"]);
    }

    [Test]
    public void ACutOffPhotographEndsATrainingInOneLineOrIsCountedOnce()
    {
        using DataSetTestFolder folder = WithACutOffPhotograph();
        string[] Train(string run, params string[] more) => ["train", "--data", folder.Path, "--images", folder["pictures"], "--steps", "2", "--queries-per-step", "1", "--group-size", "2", "--validation-scenes", "0", "--out", _folder.File(run), .. more];
        CommandLine.Refuse(ExitCode.Failed, ["a.jpg", "cut off"], Train("first"));
        Assert.That(CommandLine.Succeed(Train("second", "--skip-bad-rows")), Does.Contain("Damaged rows left out: 1; the first: "));
    }

    [Test]
    public void AnyLayoutIsConvertedToCoco()
    {
        using var folder = new DataSetTestFolder();
        folder.Write("data.yaml", "names: [dog, cat]");
        folder.Image("train/images/a.png", 20, 10);
        folder.Write("train/labels/a.txt", "0 0.1 0.1 0.6 0.1 0.6 0.6\n");
        folder.Write("train/labels/b.txt", "0 0.1 0.1 0.6 0.1 0.6 0.6\n");
        string output = _folder.File("coco");
        CommandLine.Refuse(ExitCode.Failed, ["b.txt", "no image of that name"], "data", "convert", folder.Path, "--out", output);
        Assert.That(CommandLine.Succeed("data", "convert", folder.Path, "--out", output, "--skip-bad-rows"), Does.Contain($"Wrote 1 images and 1 annotations of layout Yolo to {output}").And.Contain("Damaged rows left out: 1"));
        Assert.That(CommandLine.Succeed("data", "inspect", output, "--pictures", "0"), Does.Match(@"layout +Coco\b").And.Match(@"problems +0\b"));
        CommandLine.Refuse(ExitCode.Failed, [output, "another folder"], "data", "convert", folder.Path, "--out", output, "--skip-bad-rows");
    }

    [Test]
    public void AnInterruptStopsAndLeavesNothingBehind()
    {
        Interrupt.SkipWhereIgnored();
        using Process process = DotnetProcess.Start(CommandLine.Program, Compose(_folder.File("scenes"), "1000000"));
        // The progress bar is not read while the process runs, but is short.
        for (var waited = Stopwatch.StartNew(); _folder.Files.Length == 0; Thread.Sleep(20))
            Assert.That(waited.ElapsedMilliseconds, Is.LessThan(Patience), "nothing is written");
        Interrupt.Send(process);
        Assert.That(process.WaitForExit(Patience));
        Assert.That(process.ExitCode, Is.EqualTo(ExitCode.Cancelled));
        Assert.That(process.StandardError.ReadToEnd(), Does.Match(@"\Adrseg: stopping after what is under way; once more stops at once\.\r?\ndrseg: cancelled\.[^\n]*\r?\n\z"));
        Assert.That(Directory.EnumerateFileSystemEntries(_folder.Path), Is.Empty);
    }

    private string[] Compose(string output, string count, params string[] more) =>
        ["data", "compose", "--count", count, "--out", output, "--cutouts", _pictures.Cutouts, "--backgrounds", _pictures.Backgrounds, .. more];
}
