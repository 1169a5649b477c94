namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>What a candidate is ranked against.</summary>
public enum RankedRewardMode
{
    /// <summary>The other candidates of its group, by soft rank of one combined quality.</summary>
    WithinGroup,

    /// <summary>A window of recent values, each component by its own quantile (the Dr. Seg paper, arXiv 2603.00152).</summary>
    ReferenceWindow,
}

/// <summary>Settings of <see cref="DistributionRankedReward"/>.</summary>
public sealed record DistributionRankedRewardSettings
{
    /// <summary>What a candidate is ranked against.</summary>
    public RankedRewardMode Mode { get; init; } = RankedRewardMode.WithinGroup;

    /// <summary>
    /// The components and their weights. Null for the mode's own: the mask IoU within the group; box IoU, count and point
    /// scores (the paper's three) and the mask IoU, which carries the dense output, against the window.
    /// </summary>
    public IReadOnlyList<WeightedComponent>? Components { get; init; }

    /// <summary>Within the group: 0 for hard ranks, about 2 for nearly linear ones (<see cref="SoftRank"/>).</summary>
    public double Temperature { get; init; } = 0.5;

    /// <summary>Against the window: how many recent values it holds for each component.</summary>
    public int WindowCapacity { get; init; } = 2048;

    /// <summary>
    /// Against the window: with fewer values than this, a step is merged before it is ranked instead of after, so that the
    /// first steps are ranked against their own, real values.
    /// </summary>
    public int WindowMinimum { get; init; } = 128;
}

/// <summary>
/// The Distribution-Ranked Reward: a candidate earns its rank among comparable candidates instead of its raw score, so
/// near misses are graded and no component dominates the gradient by the size of its spread alone.
/// </summary>
/// <remarks>Failed candidates earn exactly 0 and never enter a window; every other candidate earns more than 0.</remarks>
public sealed class DistributionRankedReward : ICandidateReward
{
    private static readonly WeightedComponent[] GroupComponents = [new(RewardComponent.MaskIoU)];
    private static readonly WeightedComponent[] WindowComponents =
        [new(RewardComponent.BoxIoU), new(RewardComponent.CountScore), new(RewardComponent.PointScore), new(RewardComponent.MaskIoU)];

    private readonly DistributionRankedRewardSettings _settings;
    private readonly ComponentMean _mean;
    private ReferenceDistribution[] _windows;

    /// <summary>Makes a reward with empty windows.</summary>
    /// <param name="settings">The settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">
    /// No component, a component twice, or a weight that is not positive and finite; a temperature that is negative or not
    /// finite; a capacity that is not positive; a minimum that is negative or above the capacity.
    /// </exception>
    public DistributionRankedReward(DistributionRankedRewardSettings? settings = null)
    {
        _settings = settings ?? new();
        var (mode, temperature, minimum) = (_settings.Mode, _settings.Temperature, _settings.WindowMinimum);
        if (!Enum.IsDefined(mode))
            throw new ArgumentException($"{nameof(settings.Mode)} is {mode}; it must be {RankedRewardMode.WithinGroup} or {RankedRewardMode.ReferenceWindow}.", nameof(settings));
        if (!(temperature >= 0) || !double.IsFinite(temperature))
            throw new ArgumentException($"{nameof(settings.Temperature)} is {temperature}; it must be 0 (hard ranks) or a positive finite number.", nameof(settings));
        if (_settings.WindowCapacity <= 0)
            throw new ArgumentException($"{nameof(settings.WindowCapacity)} is {_settings.WindowCapacity}; it must be positive.", nameof(settings));
        if (minimum < 0 || minimum > _settings.WindowCapacity)
            throw new ArgumentException($"{nameof(settings.WindowMinimum)} is {minimum}; it must lie between 0 and {nameof(settings.WindowCapacity)}, {_settings.WindowCapacity}.", nameof(settings));
        _mean = new(_settings.Components ?? (mode == RankedRewardMode.WithinGroup ? GroupComponents : WindowComponents));
        _windows = NewWindows();
    }

    /// <summary>What a candidate is ranked against.</summary>
    public RankedRewardMode Mode => _settings.Mode;

    /// <inheritdoc/>
    public void Score(ReadOnlySpan<CandidateMetrics> candidates, ReadOnlySpan<int> groupSizes, Span<float> rewards)
    {
        Groups.Check(groupSizes, candidates.Length, rewards.Length);
        var warmingUp = _windows.Length > 0 && _windows[0].Count < _settings.WindowMinimum;
        if (warmingUp)
            Learn(candidates);
        Rank(candidates, groupSizes, rewards);
        if (!warmingUp)
            Learn(candidates);
    }

    /// <summary>Rewards candidates like <see cref="Score"/>, but leaves the windows as they are.</summary>
    /// <inheritdoc cref="Score"/>
    /// <exception cref="InvalidOperationException">The windows are empty: nothing has been learnt or restored yet.</exception>
    public void Rank(ReadOnlySpan<CandidateMetrics> candidates, ReadOnlySpan<int> groupSizes, Span<float> rewards)
    {
        Groups.Check(groupSizes, candidates.Length, rewards.Length);
        _mean.CheckFinite(candidates);
        if (Mode == RankedRewardMode.ReferenceWindow)
        {
            for (var i = 0; i < candidates.Length; i++)
                rewards[i] = candidates[i].IsFailed ? 0 : (float)MeanQuantile(candidates[i]);
            return;
        }
        var start = 0;
        foreach (var size in groupSizes)
        {
            RankGroup(candidates.Slice(start, size), rewards.Slice(start, size));
            start += size;
        }
    }

    /// <summary>Merges the values of a step's candidates into the windows, failed ones left out. Does nothing within the group.</summary>
    /// <param name="candidates">The candidates of one step.</param>
    /// <exception cref="ArgumentException">A metric is not finite.</exception>
    public void Learn(ReadOnlySpan<CandidateMetrics> candidates)
    {
        // All of them before the first merge, so that a refused step leaves every window as it was.
        _mean.CheckFinite(candidates);
        var values = new double[candidates.Length];
        for (var window = 0; window < _windows.Length; window++)
        {
            var count = 0;
            foreach (ref readonly var candidate in candidates)
            {
                if (!candidate.IsFailed)
                    values[count++] = candidate[_mean.Parts[window].Component];
            }
            _windows[window].Merge(values.AsSpan(0, count));
        }
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<RewardComponent, double[]> SaveState()
    {
        var state = new Dictionary<RewardComponent, double[]>();
        for (var i = 0; i < _windows.Length; i++)
            state[_mean.Parts[i].Component] = _windows[i].ToArray();
        return state;
    }

    /// <inheritdoc/>
    public void RestoreState(IReadOnlyDictionary<RewardComponent, double[]> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var restored = NewWindows();
        if (state.Count != restored.Length)
            throw new ArgumentException($"The state holds {state.Count} windows, but this reward has {restored.Length}; it was saved with other components or another mode.", nameof(state));
        for (var i = 0; i < restored.Length; i++)
        {
            var component = _mean.Parts[i].Component;
            if (!state.TryGetValue(component, out var values))
                throw new ArgumentException($"The state has no window of {component}; it was saved with other components.", nameof(state));
            if (values.Length > _settings.WindowCapacity)
                throw new ArgumentException($"The state's window of {component} holds {values.Length} values, more than {nameof(DistributionRankedRewardSettings.WindowCapacity)}, {_settings.WindowCapacity}.", nameof(state));
            restored[i].Merge(values);
        }
        _windows = restored;
    }

    private double MeanQuantile(in CandidateMetrics candidate)
    {
        var sum = 0.0;
        for (var i = 0; i < _windows.Length; i++)
        {
            var (component, weight) = _mean.Parts[i];
            sum += weight * _windows[i].Quantile(candidate[component]);
        }
        return sum;
    }

    private void RankGroup(ReadOnlySpan<CandidateMetrics> group, Span<float> rewards)
    {
        var qualities = group.Length <= 128 ? stackalloc double[group.Length] : new double[group.Length];
        var failed = group.Length <= 128 ? stackalloc bool[group.Length] : new bool[group.Length];
        var ranks = group.Length <= 128 ? stackalloc double[group.Length] : new double[group.Length];
        for (var i = 0; i < group.Length; i++)
        {
            failed[i] = group[i].IsFailed;
            qualities[i] = failed[i] ? 0 : _mean.Of(group[i]);
        }
        SoftRank.Compute(qualities, failed, _settings.Temperature, ranks);
        for (var i = 0; i < group.Length; i++)
            rewards[i] = (float)ranks[i];
    }

    private ReferenceDistribution[] NewWindows()
    {
        if (Mode == RankedRewardMode.WithinGroup)
            return [];
        var fresh = new ReferenceDistribution[_mean.Parts.Length];
        for (var i = 0; i < fresh.Length; i++)
            fresh[i] = new ReferenceDistribution(_settings.WindowCapacity);
        return fresh;
    }
}
