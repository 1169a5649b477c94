using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;
using RangeAttribute = System.ComponentModel.DataAnnotations.RangeAttribute;

namespace Microsoft.ML.DrSeg.Tests.Common;

/// <summary>Options that are read from the records which declare them.</summary>
public class OptionReadingTests
{
    [Test]
    public void PartsThatMayBeMissingLendTheirNameToTheirOptions() => Assert.That(
        OptionReading.Options(new Whole { Optional = new() }).Select(option => (option.Name, OptionReading.Text(option.Value), string.Join('/', option.Parts.Select(part => part.Name)))),
        Is.EqualTo(new[]
        {
            ("Count", "3", ""), ("Kind", "Group", ""), ("Cap", "none", ""), ("Share", "0.5", "Always"), ("Inner.Share", "0.5", "Always/Inner"), ("Optional.Share", "0.5", "Optional"),
            ("Optional.Inner", "none", "Optional"),
        }).AsCollection);

    [Test]
    public void APartThatIsMissingIsOneOptionWithoutAValue() => Assert.That(
        OptionReading.Options(new Whole()).Select(option => (option.Name, option.Value)), Has.Exactly(1).EqualTo(("Optional", (object?)null)));

    [Test]
    public void WhatIsOutOfRangeIsNamedWithItsRange()
    {
        void Refuses(Whole whole, string message) =>
            Assert.That(() => OptionReading.Require(whole), Throws.InstanceOf<ArgumentException>().With.Message.StartsWith(message));
        Assert.Multiple(() =>
        {
            Refuses(new() { Count = 0 }, "Count must be 1 to 4,096.");
            Refuses(new() { Count = 4097 }, "Count must be 1 to 4,096.");
            Refuses(new() { Kind = (AdvantageScaling)7 }, "Kind must be one of None, Group, Batch.");
            Refuses(new() { Cap = 0 }, "Cap must be above 0 and finite.");
            Refuses(new() { Cap = double.PositiveInfinity }, "Cap must be above 0 and finite.");
            Refuses(new() { Always = new() { Share = 1 } }, "Share must be 0 to below 1.");
            Refuses(new() { Always = new() { Share = float.NaN } }, "Share must be 0 to below 1.");
            Refuses(new() { Optional = new() { Share = -0.1f } }, "Optional.Share must be 0 to below 1.");
            Refuses(new() { Optional = new() { Share = 0.75f } }, "Optional.Share goes with nothing.");
        });
        OptionReading.Require(new Whole { Count = 4096, Cap = 1e300, Always = new() { Share = 0 } });
    }

    /// <summary>The record of a run knows every option but those of the run's own folder, and the reward.</summary>
    [Test]
    public void ARunIsRecordedByEveryOptionThatItsWeightsDependOn()
    {
        IReadOnlyDictionary<string, string> texts = new GrpoOptions { Run = new("folder"), Objective = new() { RatioCap = 4.5 } }.Decisive(new DistributionRankedReward());
        Assert.That(texts.Keys, Is.EquivalentTo(new[]
        {
            "Steps", "Seed", "ThresholdExamples", "QueriesPerStep", "GroupSize", "LookToConfirm", "ResampleAttempts", "ShufflePoolSize", "SkipBadRows",
            "LossAggregation", "ImportanceRatio", "ClipLow", "ClipHigh", "RatioCap", "DivergenceWeight", "DivergenceEstimator", "ReferenceSyncEveryNSteps", "EntropyWeight",
            "AdvantageScaling", "MaskFailedAnswers", "MaskOverlongAnswers", "LearningRate", "ConfirmationLearningRate", "LearningRateShape", "WarmUpShare", "LargestGradientNorm", "UpdatesPerStep",
            "Validation", "Reward",
        }));
        Assert.That((texts["RatioCap"], texts["LearningRate"], texts["Reward"], texts["LookToConfirm"]), Is.EqualTo(("4.5", "0.0001", "DistributionRankedReward", "none")));
    }

    private sealed record Whole : IOptionRecord
    {
        [Range(1, 4096)]
        public int Count { get; init; } = 3;

        public AdvantageScaling Kind { get; init; } = AdvantageScaling.Group;

        [Range(0, double.MaxValue, MinimumIsExclusive = true)]
        public double? Cap { get; init; }

        public Part Always { get; init; } = new() { Inner = new() };

        public Part? Optional { get; init; }
    }

    private sealed record Part : IOptionRecord
    {
        [Range(0.0, 1.0, MaximumIsExclusive = true)]
        public float Share { get; init; } = 0.5f;

        public Inside? Inner { get; init; }

        void IOptionRecord.RequireTogether(string prefix)
        {
            if (Share > 0.7f) throw new ArgumentException($"{prefix}{nameof(Share)} goes with nothing.");
        }
    }

    private sealed record Inside : IOptionRecord
    {
        public float Share { get; init; } = 0.5f;
    }
}
