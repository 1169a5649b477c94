using Microsoft.ML.DrSeg.Qwen;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Tests;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tool.Tests;

/// <summary>Options from a JSON file.</summary>
public class OptionsFileTests
{
    private static readonly GrpoOptions Usual = new TrainSettings().Training;

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

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
            LookToConfirm = true,
            Ranking = Rewards.RankedRewardMode.ReferenceWindow,
            Training = Usual with { Steps = 5, Optimizer = new() { LearningRate = 1e-3 }, Objective = new() { RatioCap = 4 }, Run = new("here") },
        }));
    }

    [Test]
    public void TheCommandLineIsStrongerOptionByOption()
    {
        TrainSettings settings = Read("""{"steps": 5, "groupSize": 6, "lookToConfirm": true, "lossAggregation": "dapo"}""", "--steps", "7", "--look-to-confirm", "false", "--clip-high", "0.3");
        Assert.That(settings, Is.EqualTo(new TrainSettings
        {
            Training = Usual with { Steps = 7, Sampling = new() { GroupSize = 6 }, Objective = new() { LossAggregation = LossAggregation.Dapo, ClipHigh = 0.3 } },
        }));
    }

    [Test]
    public void WhatIsWrittenIsReadAgain()
    {
        var settings = new TrainSettings
        {
            Ranking = Rewards.RankedRewardMode.WithinGroup,
            Gpu = 2,
            Training = Usual with
            {
                Optimizer = new() { LearningRate = 1.0 / 3 },
                Objective = new() { MaskFailedAnswers = true },
                Run = new("a \"place\"") { TensorBoard = false },
                Validation = new() { EveryNSteps = 3 },
            },
        };
        SettingsOptions<TrainSettings>.Save(settings, _folder.File("options.json"));
        Assert.That(Read(File.ReadAllText(_folder.File("options.json"))), Is.EqualTo(settings));
    }

    /// <summary>A part that is not there by default cannot be given option by option, and is not written.</summary>
    [Test]
    public void NamesAreFlatAndEveryOneIsAnOptionOfTheCommand()
    {
        string[] names = [.. SettingsOptions<TrainSettings>.ToJson(new()).Select(entry => entry.Key)];
        Assert.That(names, Is.Unique.And.SupersetOf(new[] { "out", "resume", "steps", "groupSize", "learningRate", "validateEveryNSteps", "patience", "lookToConfirm" }));
        string[] options = [.. DrSegCommand.Create().Subcommands.Single(command => command.Name == "train").Options.Select(option => option.Name)];
        Assert.That(names.Select(System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName), Is.EquivalentTo(options.Except(["--options"]).Select(option => option[2..])));
    }

    /// <summary>One default for each option: what the command line leaves out is what the library leaves out.</summary>
    [Test]
    public void DefaultsAreThoseOfTheLibrary() =>
        Assert.That(Usual with { Run = null, Validation = null }, Is.EqualTo(new GrpoOptions()));

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
            File.WriteAllText(_folder.File("options.json"), """{"sted": 3}""");
            CommandLine.Refuse(ExitCode.Failed, ["'sted'"], [.. command, "--options", _folder.File("options.json")]);
        }
    }

    /// <summary>The recipe gives defaults alone: what file or command line say is stronger, and nobody else's defaults change.</summary>
    [TestCase("""{"recipe": "drSeg", "steps": 7}""")]
    [TestCase("""{"steps": 7}""", "--recipe", "DrSeg")]
    public void ARecipeWithATrainingOfItsOwnChangesTheDefaults(string json, params string[] more)
    {
        TrainSettings read = Read(json, [.. more, "--learning-rate", "0.5", "--queries-per-step", "3"]);
        GrpoOptions paper = QwenRecipe.DrSegTraining;
        Assert.That(read.Ranking, Is.EqualTo(RankedRewardMode.ReferenceWindow));
        Assert.That(read.Training with { Run = null, Validation = null }, Is.EqualTo(paper with
        {
            Steps = 7,
            Sampling = paper.Sampling with { QueriesPerStep = 3 },
            Optimizer = paper.Optimizer with { LearningRate = 0.5 },
        }));
        Assert.That(read.Training.Run, Is.EqualTo(Usual.Run));
        Assert.That((paper.Sampling.QueriesPerStep, paper.Optimizer.LearningRate), Is.EqualTo((16, 1e-5)));
        Assert.That(Read("{}").Training, Is.EqualTo(Usual));
    }

    private TrainSettings Read(string json, params string[] more)
    {
        var options = new SettingsOptions<TrainSettings>();
        var command = new System.CommandLine.Command("train");
        options.AddTo(command);
        File.WriteAllText(_folder.File("given.json"), json);
        return options.Read(command.Parse(["--options", _folder.File("given.json"), .. more]), defaults: TrainSettings.DefaultsOf);
    }

    private void Refuse(string json, params string[] mentioned) => Refused(json, [_folder.File("given.json"), .. mentioned]);

    private void Refused(string json, params string[] mentioned)
    {
        File.WriteAllText(_folder.File("given.json"), json);
        CommandLine.Refuse(ExitCode.Failed, mentioned, "train", "--options", _folder.File("given.json"));
    }
}
