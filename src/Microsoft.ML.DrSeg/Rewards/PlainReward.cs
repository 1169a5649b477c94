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
        Groups.Check(groupSizes, candidates.Length, rewards.Length);
        _mean.CheckFinite(candidates);
        for (var i = 0; i < candidates.Length; i++)
            rewards[i] = candidates[i].IsFailed ? 0 : (float)_mean.Of(candidates[i]);
    }

    /// <inheritdoc/>
    public RewardDiagnostics Diagnose(ReadOnlySpan<CandidateMetrics> candidates, ReadOnlySpan<int> groupSizes)
    {
        Groups.Check(groupSizes, candidates.Length, candidates.Length);
        var raw = new double[_mean.Parts.Length * candidates.Length];
        for (var at = 0; at < raw.Length; at++)
        {
            ref readonly var candidate = ref candidates[at % candidates.Length];
            raw[at] = candidate.IsFailed ? 0 : candidate[_mean.Parts[at / candidates.Length].Component];
        }
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
