using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>What was measured in one step of GRPO. All of it but <see cref="Timing"/> is the same in every run of the same seed.</summary>
public sealed record GrpoStepMetrics
{
    /// <summary>Steps done, from 1.</summary>
    public required int Step { get; init; }

    /// <summary>Steps in all.</summary>
    public required int Steps { get; init; }

    /// <summary>Mean reward over all answers of the step.</summary>
    public required double Reward { get; init; }

    /// <summary>Standard deviation of the rewards of the step.</summary>
    public required double RewardSpread { get; init; }

    /// <summary>Mean mask IoU over all answers; a failed one counts 0.</summary>
    public required double MaskIoU { get; init; }

    /// <summary>Mean box IoU over all answers; a failed one counts 0.</summary>
    public required double BoxIoU { get; init; }

    /// <summary>Share of answers that could not be parsed.</summary>
    public required double FailedShare { get; init; }

    /// <summary>How many answers could not be parsed for which reason; empty where all could.</summary>
    public IReadOnlyDictionary<FailedAnswerReason, int> Failures { get; init; } = new Dictionary<FailedAnswerReason, int>();

    /// <summary>For each of <see cref="Failures"/> the first such answer of the step: what is wrong with it, and how its text begins where it is one.</summary>
    public IReadOnlyDictionary<FailedAnswerReason, string> FailureExamples { get; init; } = new Dictionary<FailedAnswerReason, string>();

    /// <summary>Share of answers that reached the longest length allowed without an end.</summary>
    public required double OverlongShare { get; init; }

    /// <summary>Share of prompts whose answers all earned the same: they have nothing to teach.</summary>
    public required double GroupsWithoutSpread { get; init; }

    /// <summary>Queries that were replaced because none of their groups had a spread.</summary>
    public required int ResampledQueries { get; init; }

    /// <summary>Share of queries looked at twice.</summary>
    public required double SecondLookShare { get; init; }

    /// <summary>The loss at the step's first update.</summary>
    public required double Loss { get; init; }

    /// <summary>Mean estimated divergence from the reference over tokens, in nats, at the first update; 0 without a reference.</summary>
    public required double Divergence { get; init; }

    /// <summary>Share of tokens where the clip was in force, at the last update: at the first no probability has changed yet.</summary>
    public required double ClippedShare { get; init; }

    /// <summary>
    /// Largest |r - 1| of a token at the first update, r being its probability when scored over that when drawn. The weights are the same,
    /// so that it is 0 but for rounding; where it is not, the policy draws from another distribution than it is trained on.
    /// </summary>
    public required double RatioGap { get; init; }

    /// <summary>Mean entropy of the next-token distribution over tokens, in nats.</summary>
    public required double Entropy { get; init; }

    /// <summary>Norm of the gradient before clipping, at the last update.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>Learning rate of the last update.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Mean length of an answer, in tokens.</summary>
    public required double AnswerLength { get; init; }

    /// <summary>The confirming head's loss; null where it does not learn (<see cref="OptimizerOptions.ConfirmationLearningRate"/>).</summary>
    public double? ConfirmationLoss { get; init; }

    /// <summary>What the reward did with its components; null where it does not tell.</summary>
    public RewardDiagnostics? RewardDiagnostics { get; init; }

    /// <summary>Rows left out so far because they were not well formed.</summary>
    public long SkippedRows { get; init; }

    /// <summary>How long it took.</summary>
    public required StepTiming Timing { get; init; }

    /// <summary>The figures by the names they have in logs, charts and tables.</summary>
    public IReadOnlyDictionary<string, double> ToDictionary()
    {
        OrderedDictionary<string, double> figures = Figures();
        if (ConfirmationLoss is { } loss) figures.Add("confirmation loss", loss);
        if (Timing.Exchange > 0) figures.Add("seconds: exchange", Timing.Exchange);
        foreach ((string name, double value) in RewardDiagnostics?.ToMetrics() ?? []) figures.Add(name, value);
        return figures;
    }

    private OrderedDictionary<string, double> Figures() => new()
    {
        ["reward"] = Reward,
        ["reward spread"] = RewardSpread,
        ["mask IoU"] = MaskIoU,
        ["box IoU"] = BoxIoU,
        ["failed"] = FailedShare,
        ["overlong"] = OverlongShare,
        ["groups without spread"] = GroupsWithoutSpread,
        ["resampled queries"] = ResampledQueries,
        ["second looks"] = SecondLookShare,
        ["loss"] = Loss,
        ["divergence"] = Divergence,
        ["clipped"] = ClippedShare,
        ["ratio gap"] = RatioGap,
        ["entropy"] = Entropy,
        ["gradient norm"] = GradientNorm,
        ["learning rate"] = LearningRate,
        ["answer length"] = AnswerLength,
        ["skipped rows"] = SkippedRows,
        ["seconds"] = Timing.Total,
        ["seconds: prompt"] = Timing.Prompt,
        ["seconds: sampling"] = Timing.Sampling,
        ["seconds: segmentation"] = Timing.Segmentation,
        ["seconds: look-to-confirm"] = Timing.LookToConfirm,
        ["seconds: rewards"] = Timing.Rewards,
        ["seconds: update"] = Timing.Update,
        ["tokens per second"] = Timing.TokensPerSecond,
    };

    internal TrainingProgress ToProgress() => new("GRPO", Step, Steps, ToDictionary());
}
