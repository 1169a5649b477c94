using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Training;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>One way of training that is compared with the others: same steps, group size and seed, another adapter.</summary>
/// <param name="Key">Name in files.</param>
/// <param name="Title">Name in tables.</param>
/// <param name="LooksToConfirm">Whether answers come from Look-to-Confirm.</param>
/// <param name="Ranking">How rewards are ranked; null for the plain mask IoU.</param>
internal sealed record TrainingArm(string Key, string Title, bool LooksToConfirm, RankedRewardMode? Ranking)
{
    public static TrainingArm Grpo { get; } = new("grpo", "GRPO", false, null);

    public static TrainingArm DrSeg { get; } = new("drSeg", "Dr. Seg", true, RankedRewardMode.WithinGroup);

    /// <summary>Every combination of the two adapters.</summary>
    public static IReadOnlyList<TrainingArm> All { get; } =
    [
        Grpo,
        new("rankedWithinGroup", "ranked within the group", false, RankedRewardMode.WithinGroup),
        new("rankedAgainstWindow", "ranked against the window", false, RankedRewardMode.ReferenceWindow),
        new("lookToConfirm", "Look-to-Confirm", true, null),
        DrSeg,
        new("drSegWindow", "Dr. Seg, window", true, RankedRewardMode.ReferenceWindow),
    ];

    /// <summary>The trainer's options for this arm.</summary>
    public GrpoSegmentationTrainer.Options Options(int steps, int queriesPerStep, int groupSize, double learningRate, int seed, float threshold) => new()
    {
        Steps = steps,
        QueriesPerStep = queriesPerStep,
        GroupSize = groupSize,
        LearningRate = learningRate,
        Seed = seed,
        Reward = Ranking is { } mode ? new DistributionRankedReward(new DistributionRankedRewardSettings { Mode = mode }) : null,
        // Half the group looks at the whole image, half closer at the best proposal.
        LookToConfirm = LooksToConfirm
            ? new LookToConfirmOptions { FirstLookAnswers = groupSize / 2, CloserViews = 1, AnswersPerCloserView = groupSize - groupSize / 2, Threshold = threshold }
            : null,
    };
}
