namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>The reward of plain GRPO: the weighted mean of the raw components, by default the mask IoU alone.</summary>
/// <param name="components">The components and their weights; null for the mask IoU.</param>
/// <exception cref="ArgumentException">No component, a component twice, or a weight that is not positive and finite.</exception>
public sealed class PlainReward(IReadOnlyList<WeightedComponent>? components = null) : ICandidateReward
{
    private readonly ComponentMean _mean = new(components ?? [new(RewardComponent.MaskIoU)]);

    /// <inheritdoc/>
    public void Score(ReadOnlySpan<CandidateMetrics> candidates, ReadOnlySpan<int> groupSizes, Span<float> rewards)
    {
        GroupSizes.Check(groupSizes, candidates.Length, rewards.Length);
        for (var i = 0; i < candidates.Length; i++)
            rewards[i] = (float)_mean.Of(candidates, i);
    }

    /// <inheritdoc/>
    public RewardDiagnostics Diagnose(ReadOnlySpan<CandidateMetrics> candidates, ReadOnlySpan<int> groupSizes)
    {
        GroupSizes.Check(groupSizes, candidates.Length, candidates.Length);
        var raw = new double[_mean.Parts.Length * candidates.Length];
        _mean.Gather(candidates, raw);
        return RewardDiagnostics.Of(_mean.Parts, candidates, groupSizes, raw, windowFill: null);
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<RewardComponent, double[]> SaveState() => new Dictionary<RewardComponent, double[]>();

    /// <inheritdoc/>
    public void RestoreState(IReadOnlyDictionary<RewardComponent, double[]> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Count > 0)
            throw new ArgumentException($"The state remembers {string.Join(", ", state.Keys)}, but a plain reward has no memory; it was saved by another reward.", nameof(state));
    }
}
