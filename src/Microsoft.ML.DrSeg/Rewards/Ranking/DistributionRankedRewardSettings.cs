namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>What a candidate is ranked against.</summary>
public enum RankedRewardMode
{
    /// <summary>The other candidates of its group, by soft rank of one combined quality.</summary>
    WithinGroup,

    /// <summary>A window of recent values, each component by its own quantile (the Dr. Seg paper, arXiv 2603.00152).</summary>
    ReferenceWindow,
}

/// <summary>How several components become one reward. The last two are the ranked reward's rivals, for comparisons in one harness.</summary>
public enum RewardCombination
{
    /// <summary>Every component is ranked on its own; the reward is the weighted mean of the ranks.</summary>
    MeanOfRanks,

    /// <summary>The weighted sum of the raw components, normalised within the group: plain GRPO (arXiv 2402.03300).</summary>
    SumThenNormalize,

    /// <summary>
    /// Every component is normalised within the group, then summed by weight: GDPO, to be used with
    /// <see cref="AdvantageScaling.Batch"/>, which is its last step.
    /// </summary>
    NormalizeThenSum,
}

/// <summary>Settings of <see cref="DistributionRankedReward"/>.</summary>
public sealed record DistributionRankedRewardSettings
{
    /// <summary>
    /// How several components become one reward. Without ranks, rewards are deviations from the group's mean in standard
    /// deviations, a failed answer counts as 0 in every component, and nothing below but the components matters.
    /// </summary>
    public RewardCombination Combination { get; init; } = RewardCombination.MeanOfRanks;

    /// <summary>What a candidate is ranked against.</summary>
    public RankedRewardMode Mode { get; init; } = RankedRewardMode.WithinGroup;

    /// <summary>
    /// The components and their weights. Null for the mode's own: the mask IoU within the group; box IoU, count and point
    /// scores (the paper's three) and the mask IoU, which carries the dense output, against the window.
    /// </summary>
    public IReadOnlyList<WeightedComponent>? Components { get; init; }

    /// <summary>Within the group: 0 for hard ranks, about 2 for nearly linear ones. In units of the standard deviation of the group's values.</summary>
    public double Temperature { get; init; } = 0.5;

    /// <summary>
    /// Against the window: how many recent values it holds for each component. Of a step with more candidates than that it
    /// keeps the last, and rewards then depend on their order; so make it several steps long.
    /// </summary>
    public int WindowCapacity { get; init; } = 2048;

    /// <summary>
    /// Against the window: with fewer values than this, a step is merged before it is ranked instead of after, so that the
    /// first steps are ranked against their own, real values.
    /// </summary>
    public int WindowMinimum { get; init; } = 128;
}
