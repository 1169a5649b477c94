using Microsoft.ML.DrSeg.Tests.Reporting;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tool.Tests;

/// <summary>Options from a JSON file.</summary>
public class OptionsFileTests
{
    private TemporaryFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => folder.Dispose();

    [Test]
    public void ValuesOfEveryKindAreRead()
    {
        TrainSettings settings = Read("""
            {
              // Comments and a comma too many are welcome.
              "steps": 5, "learningRate": 1e-3, "lookToConfirm": true, "ranking": "referenceWindow", "model": null, "gpu": null, "ratioCap": 4, "out": "here",
            }
            """);
        Assert.That(settings, Is.EqualTo(new TrainSettings
        {
            Steps = 5, LearningRate = 1e-3, LookToConfirm = true, Ranking = Rewards.RankedRewardMode.ReferenceWindow, RatioCap = 4, Out = "here",
        }));
    }

    [Test]
    public void TheCommandLineIsStrongerOptionByOption()
    {
        TrainSettings settings = Read("""{"steps": 5, "groupSize": 6, "lookToConfirm": true, "lossAggregation": "dapo"}""", "--steps", "7", "--look-to-confirm", "false", "--clip-high", "0.3");
        Assert.That(settings, Is.EqualTo(new TrainSettings { Steps = 7, GroupSize = 6, LossAggregation = Training.LossAggregation.Dapo, ClipHigh = 0.3 }));
    }

    [Test]
    public void WhatIsWrittenIsReadAgain()
    {
        var settings = new TrainSettings { Out = "a \"place\"", Ranking = Rewards.RankedRewardMode.WithinGroup, Gpu = 2, LearningRate = 1.0 / 3, MaskFailedAnswers = true };
        SettingsOptions<TrainSettings>.Save(settings, folder.File("options.json"));
        Assert.That(Read(File.ReadAllText(folder.File("options.json"))), Is.EqualTo(settings));
    }

    [Test]
    public void ANameThatIsUnknownIsNamedWithTheFileAndTheKnownOnes() => Refuse("""{"steps": 3, "stepz": 3}""", "'stepz'", "queriesPerStep");

    [TestCase("steps", "\"three\"", "a whole number")]
    [TestCase("steps", "2.5", "a whole number")]
    [TestCase("steps", "null", "a whole number")]
    [TestCase("steps", "[1]", "a whole number")]
    [TestCase("learningRate", "\"fast\"", "a number")]
    [TestCase("lookToConfirm", "\"yes\"", "true or false")]
    [TestCase("ranking", "\"best\"", "withinGroup or referenceWindow")]
    [TestCase("ranking", "7", "withinGroup or referenceWindow")]
    [TestCase("out", "null", "text")]
    [TestCase("out", "3", "text")]
    public void AValueOfAnotherKindIsNamedWithTheFileAndWhatItMustBe(string name, string value, string allowed) =>
        Refuse($$"""{"{{name}}": {{value}}}""", $"'{name}'", value, allowed);

    [Test]
    public void AValueOutOfRangeIsNamedAndItsRange() => Refused("""{"validateEveryNSteps": 0}""", "--validate-every-n-steps is 0", "at least 1");

    [Test]
    public void WhereTheFileIsNoJsonIsNamed() => Refuse("{\n  \"steps\": 3,\n  \"seed\": }\n", "line 3, byte 11");

    [TestCase("")]
    [TestCase("[]")]
    [TestCase("null")]
    [TestCase("3")]
    public void AFileOfAnythingElseIsRefused(string text) => Refuse(text, "does not hold options");

    [Test]
    public void EveryCommandThatSaysSoTakesAFile()
    {
        foreach (string[] command in new string[][] { ["train"], ["evaluate"], ["pretrain"], ["predict", "photo.png", "dog"] })
        {
            File.WriteAllText(folder.File("options.json"), """{"sted": 3}""");
            CommandLine.Refuse(ExitCode.Failed, ["'sted'"], [.. command, "--options", folder.File("options.json")]);
        }
    }

    private TrainSettings Read(string json, params string[] more)
    {
        var options = new SettingsOptions<TrainSettings>();
        var command = new System.CommandLine.Command("train");
        options.AddTo(command);
        File.WriteAllText(folder.File("given.json"), json);
        return options.Read(command.Parse(["--options", folder.File("given.json"), .. more]));
    }

    private void Refuse(string json, params string[] mentioned) => Refused(json, [folder.File("given.json"), .. mentioned]);

    private void Refused(string json, params string[] mentioned)
    {
        File.WriteAllText(folder.File("given.json"), json);
        CommandLine.Refuse(ExitCode.Failed, mentioned, "train", "--options", folder.File("given.json"));
    }
}
