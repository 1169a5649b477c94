using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tool.Tests;

/// <summary>Well-formed command lines that ask for what cannot be: files that are missing or something else, and values out of range.</summary>
public class MistakeTests : WorkspaceTests
{
    [OneTimeSetUp]
    public void MakeFiles()
    {
        File.WriteAllText(_folder.Path("notes.txt"), "no image, no model, no data set");
        Directory.CreateDirectory(_folder.Path("empty"));
    }

    [TestCase("train", "--steps", "0", "at least 1")]
    [TestCase("train", "--learning-rate", "-1", "above 0")]
    [TestCase("train", "--learning-rate", "NaN", "finite")]
    [TestCase("train", "--warm-up-share", "1", "below 1")]
    [TestCase("train", "--clip-low", "1.5", "0 to 1")]
    [TestCase("train", "--ratio-cap", "1", "above 1")]
    [TestCase("train", "--validation-scenes", "-1", "at least 0")]
    [TestCase("train", "--validate-every-n-steps", "0", "at least 1")]
    [TestCase("train", "--patience", "-1", "at least 0")]
    [TestCase("train", "--checkpoint-every-n-steps", "0", "at least 1")]
    [TestCase("train", "--keep-checkpoints", "0", "at least 1")]
    [TestCase("train", "--sample-every-n-steps", "-1", "at least 0")]
    [TestCase("evaluate", "--scenes", "0", "at least 1")]
    [TestCase("pretrain", "--batch-size", "3", "at least 4")]
    [TestCase("pretrain", "--segmenter-steps", "-1", "at least 0")]
    [TestCase("pretrain", "--learning-rate", "0", "above 0")]
    [TestCase("demo", "--scenes", "3", "at least 64")]
    [TestCase("demo", "--steps", "0", "at least 1")]
    [TestCase("study", "--seeds", "0", "at least 1")]
    [TestCase("study", "--scenes", "0", "at least 1")]
    [TestCase("study", "--steps", "0", "at least 1")]
    [TestCase("study", "--unseen-scenes", "-1", "at least 0")]
    [TestCase("study", "--learning-rate", "0", "above 0")]
    [TestCase("study", "--divergence-weight", "-1", "at least 0")]
    [TestCase("evaluate", "--instances", "0", "at least 1")]
    [TestCase("evaluate", "--absent-share", "1.5", "0 to 1")]
    [TestCase("ablate", "--scenes", "0", "at least 1")]
    [TestCase("ablate", "--confirmation-steps", "-1", "at least 0")]
    [TestCase("objects", "--warm-up-steps", "-1", "at least 0")]
    [TestCase("objects", "--confirmation-steps", "-1", "at least 0")]
    [TestCase("objects", "--threshold-examples", "0", "at least 1")]
    [TestCase("objects", "--steps", "0", "at least 1")]
    [TestCase("objects", "--scenes", "0", "at least 1")]
    [TestCase("variance", "--queries", "0", "at least 1")]
    [TestCase("variance", "--group", "1", "at least 2")]
    [TestCase("variance", "--repeats", "2", "at least 3")]
    public void AValueOutOfRangeIsNamedAndItsRange(string command, string option, string value, string range) =>
        Refuse([$"{option} is {value}", range], [command, .. command == "train" ? ["--options", _folder.Options] : Array.Empty<string>(), option, value]);

    [TestCase("--count", "0", "at least 1")]
    [TestCase("--instances", "0", "at least 1")]
    [TestCase("--groups", "1.5", "0 to 1")]
    [TestCase("--skew", "11", "0 to 10")]
    [TestCase("--absent-nouns", "-1", "at least 0")]
    public void WhatCannotBeComposedIsNamedAndItsRange(string option, string value, string range)
    {
        using var pictures = new SyntheticPictures();
        string[] count = option == "--count" ? [] : ["--count", "1"];
        Refuse([$"{option} is {value}", range],
            ["data", "compose", "--out", "scenes", "--cutouts", pictures.Cutouts, "--backgrounds", pictures.Backgrounds, option, value, .. count]);
    }

    [Test]
    public void APictureOfLessThanNoRowIsNamedAndItsRange() => Refuse(["--pictures is -1", "at least 0"], "data", "inspect", _folder.DataSet, "--pictures", "-1");

    [Test]
    public void AGroupNeedsTwoAnswers() =>
        Refuse(["--group-size is 1", "at least 2"], "train", "--options", _folder.Options, "--look-to-confirm", "false", "--group-size", "1");

    [Test]
    public void LookToConfirmNeedsTwoAnswersALook() =>
        Refuse(["--group-size is 3", "at least 4", "--look-to-confirm"], "train", "--look-to-confirm", "--group-size", "3");

    [TestCase("evaluate")]
    [TestCase("train")]
    public void AGpuThatIsNotThereIsNamed(string command) => Refuse(["--gpu is 99", "CUDA"], command, "--gpu", "99");

    [Test]
    public void AMissingFileIsNamed()
    {
        string missing = _folder.Path("missing");
        Assert.Multiple(() =>
        {
            Refuse([missing, "image"], "predict", missing, "red");
            foreach (string[] command in new string[][] { ["evaluate"], ["train"], ["predict", Image, "red"], ["ablate"], ["study"], ["variance"], ["demo"], ["pretrain"] })
                Refuse([missing, "model"], [.. command, "--model", missing]);
            Refuse([missing], "evaluate", "--data", missing);
            Refuse([missing], "train", "--options", _folder.Options, "--data", missing);
            Refuse([missing], "train", "--options", _folder.Options, "--validation-data", missing);
            Refuse([missing, "--options"], "train", "--options", missing);
            Refuse([missing], "report", missing);
            Refuse([missing], "data", "inspect", missing);
            Refuse([missing], "data", "compose", "--count", "1", "--out", "scenes", "--cutouts", missing, "--backgrounds", _folder.Path("empty"));
        });
    }

    [Test]
    public void AFileOfAnotherKindIsNamed()
    {
        string notes = _folder.Path("notes.txt");
        Assert.Multiple(() =>
        {
            Refuse([notes], "predict", notes, "red");
            Refuse([notes], "evaluate", "--model", notes);
            Refuse([notes], "evaluate", "--data", notes);
            Refuse([_folder.Path("empty")], "data", "inspect", _folder.Path("empty"));
            Refuse([_folder.Path("empty")], "report", _folder.Path("empty"));
        });
    }

    [Test]
    public void AQueryWithoutAKnownNounIsToldTheNouns() => Refuse(["'zeppelin'", "blue, green, red"], "predict", Image, "zeppelin", "--model", _folder.Model);

    [Test]
    public void ADataSetWithoutAKnownNounIsToldTheNouns() => Refuse([_folder.DataSet, "nouns"], "evaluate", "--data", _folder.DataSet);

    [Test]
    public void AFolderWithAnotherRunIsLeftAlone()
    {
        using var run = new TemporaryFolder();
        File.WriteAllText(run.File("log.jsonl"), "");
        Refuse([run.Path, "holds a run already", "--resume"], "train", "--options", _folder.Options, "--out", run.Path);
        Assert.That(new FileInfo(run.File("log.jsonl")).Length, Is.Zero);
    }

    private string Image => _folder.Path("coco/images/0.png");

    private static void Refuse(string[] mentioned, params string[] arguments) => CommandLine.Refuse(ExitCode.Failed, mentioned, arguments);
}
