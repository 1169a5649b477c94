using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tool.Tests;

/// <summary>Command lines that are not well formed: what is wrong is told before anything is done.</summary>
public class UsageTests
{
    [Test]
    public void NoCommandIsToldTheCommands() => Refuse(["needs a command", "train", "evaluate", "data"]);

    [Test]
    public void AnUnknownCommandIsToldTheCommands() => Refuse(["'trian'", "train", "evaluate", "data"], "trian", "--steps", "3");

    [Test]
    public void AnUnknownCommandBelowAnotherIsToldThose() => Refuse(["'drseg data'", "'compse'", "compose", "inspect"], "data", "compse");

    [Test]
    public void AnUnknownOptionIsNamedAndWhereTheKnownOnesAre() => Refuse(["'--step'", "drseg train --help"], "train", "--step", "5");

    [Test]
    public void AWordTooManyIsNamed() => Refuse(["'again'", "drseg train --help"], "train", "--steps", "5", "again");

    [TestCase("--steps", "whole number")]
    [TestCase("--learning-rate", "number")]
    [TestCase("--ranking", "WithinGroup or ReferenceWindow")]
    [TestCase("--out", "text")]
    public void AValueLeftOutIsAskedFor(string option, string kind) => Refuse([option, "needs a value", kind], "train", option);

    [TestCase("train", "--steps", "three", "a whole number")]
    [TestCase("train", "--steps", "2.5", "a whole number")]
    [TestCase("train", "--seed", "99999999999", "a whole number")]
    [TestCase("evaluate", "--seed", "-1", "a whole number, at least 0")]
    [TestCase("train", "--learning-rate", "fast", "a number")]
    [TestCase("train", "--gpu", "first", "a whole number")]
    [TestCase("demo", "--scenes", "many", "a whole number")]
    [TestCase("study", "--learning-rate", "1e", "a number")]
    public void AValueOfAnotherKindIsNamedAndWhatItMustBe(string command, string option, string value, string allowed) =>
        Refuse([option, $"'{value}'", allowed], command, option, value);

    [TestCase("train", "--ranking", "best", "WithinGroup or ReferenceWindow")]
    [TestCase("train", "--ranking", "7", "WithinGroup or ReferenceWindow")]
    [TestCase("train", "--loss-aggregation", "mean", "Grpo, Dapo or DrGrpo")]
    [TestCase("evaluate", "--split", "tests", "Train, Tune, Test")]
    [TestCase("ablate", "--split", "0", "Train, Tune, Test")]
    [TestCase("study", "--arms", "ppo", "grpo, rankedWithinGroup")]
    public void AValueThatIsNoChoiceIsNamedAndTheChoices(string command, string option, string value, string choices) =>
        Refuse([option, $"'{value}'", choices], command, option, value);

    [Test]
    public void AnUnknownLayoutIsNamedAndTheKnownOnes() =>
        Refuse(["--layout", "'pascal'", "coco, coco-panoptic, coco-stuff"], "data", "compose", "--count", "1", "--out", "scenes", "--layout", "pascal");

    [Test]
    public void AnOptionThatMustBeGivenIsNamed() => Refuse(["--count"], "data", "compose", "--out", "scenes");

    [Test]
    public void AnArgumentThatMustBeGivenIsNamed()
    {
        Refuse(["QUERY", "drseg predict --help"], "predict", "photo.png");
        Refuse(["IMAGE", "drseg predict --help"], "predict");
        Refuse(["PATH", "drseg data inspect --help"], "data", "inspect");
        Refuse(["RUN", "drseg report --help"], "report");
    }

    [Test]
    public void AnOptionGivenTwiceIsNamed() => Refuse(["--steps"], "train", "--steps", "3", "--steps", "4");

    [TestCase("evaluate", "--data", "--scenes", "5")]
    [TestCase("evaluate", "--data", "--split", "Test")]
    [TestCase("evaluate", "--data", "--instances", "2")]
    [TestCase("evaluate", "--data", "--absent-share", "0.5")]
    [TestCase("train", "--validation-data", "--validation-scenes", "5")]
    public void OptionsThatExcludeEachOtherAreNamed(string command, string one, string other, string value) =>
        Refuse([one, other], command, one, "folder", other, value);

    [Test]
    public void OptionsThatBelongTogetherAreNamed() =>
        Refuse(["--cutouts", "--backgrounds"], "data", "compose", "--count", "1", "--out", "scenes", "--cutouts", "pictures");

    private static void Refuse(string[] mentioned, params string[] arguments) => CommandLine.Refuse(ExitCode.Usage, mentioned, arguments);
}
