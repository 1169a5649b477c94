using System.Buffers;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// The Distribution-Ranked Reward: a candidate earns its rank among comparable candidates instead of its raw score, so
/// near misses are graded and no component dominates the gradient by the size of its spread alone.
/// </summary>
/// <remarks>
/// Every component is ranked on its own and the ranks are averaged by weight. Failed candidates earn exactly 0 and never
/// enter a window. Scoring is for one thread; any number may <see cref="Rank(ReadOnlySpan{CandidateMetrics}, ReadOnlySpan{int}, Span{float})"/> meanwhile.
/// </remarks>
public sealed class DistributionRankedReward : ICandidateReward
{
    private static readonly WeightedComponent[] GroupComponents = [new(RewardComponent.MaskIoU)];
    private static readonly WeightedComponent[] WindowComponents =
        [new(RewardComponent.BoxIoU), new(RewardComponent.CountScore), new(RewardComponent.PointScore), new(RewardComponent.MaskIoU)];

    private readonly DistributionRankedRewardSettings _settings;
    private readonly ComponentMean _mean;
    private ReferenceDistribution[] _windows;

    // What the last step's components were turned into, component by component; and room for the values of one.
    private double[] _ranked = [], _values = [];
    private int _rankedCandidates;

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
        if (!Enum.IsDefined(_settings.Combination))
            throw new ArgumentException($"{nameof(settings.Combination)} is {_settings.Combination}; it must be one of {string.Join(", ", Enum.GetNames<RewardCombination>())}.", nameof(settings));
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

    /// <summary>Whether values are remembered between steps.</summary>
    internal bool HasWindows => _windows.Length > 0;

    /// <inheritdoc/>
    public void Score(ReadOnlySpan<CandidateMetrics> candidates, ReadOnlySpan<int> groupSizes, Span<float> rewards)
    {
        Groups.Check(groupSizes, candidates.Length, rewards.Length);
        var warmingUp = HasWindows && _windows[0].Count < _settings.WindowMinimum;
        if (warmingUp)
            Learn(candidates);
        var size = _mean.Parts.Length * candidates.Length;
        if (_ranked.Length < size)
            _ranked = new double[size];
        Rank(candidates, groupSizes, rewards, _ranked.AsSpan(0, size));
        _rankedCandidates = candidates.Length;
        if (!warmingUp)
            Learn(candidates);
    }

    /// <summary>Rewards candidates like <see cref="Score"/>, but leaves the windows as they are.</summary>
    /// <inheritdoc cref="Score"/>
    /// <exception cref="InvalidOperationException">The windows are empty: nothing has been learnt or restored yet.</exception>
    public void Rank(ReadOnlySpan<CandidateMetrics> candidates, ReadOnlySpan<int> groupSizes, Span<float> rewards)
    {
        Groups.Check(groupSizes, candidates.Length, rewards.Length);
        var size = _mean.Parts.Length * candidates.Length;
        if (size <= 512)
        {
            Rank(candidates, groupSizes, rewards, stackalloc double[size]);
            return;
        }
        var ranked = ArrayPool<double>.Shared.Rent(size);
        Rank(candidates, groupSizes, rewards, ranked.AsSpan(0, size));
        ArrayPool<double>.Shared.Return(ranked);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The last step that was scored had another number of candidates.</exception>
    public RewardDiagnostics Diagnose(ReadOnlySpan<CandidateMetrics> candidates, ReadOnlySpan<int> groupSizes)
    {
        Groups.Check(groupSizes, candidates.Length, candidates.Length);
        if (candidates.Length != _rankedCandidates)
            throw new InvalidOperationException($"The last step scored had {_rankedCandidates} candidates, not {candidates.Length}; diagnose a step right after scoring it.");
        return RewardDiagnostics.Of(
            _mean.Parts, candidates, groupSizes, _ranked.AsSpan(0, _mean.Parts.Length * candidates.Length),
            HasWindows ? (double)_windows[0].Count / _windows[0].Capacity : null);
    }

    /// <summary>Merges the values of a step's candidates into the windows, failed ones left out. Does nothing within the group.</summary>
    /// <param name="candidates">The candidates of one step.</param>
    /// <exception cref="ArgumentException">A metric is not finite.</exception>
    public void Learn(ReadOnlySpan<CandidateMetrics> candidates)
    {
        // All of them before the first merge, so that a refused step leaves every window as it was.
        _mean.CheckFinite(candidates);
        if (_values.Length < candidates.Length)
            _values = new double[candidates.Length];
        for (var window = 0; window < _windows.Length; window++)
        {
            var count = 0;
            foreach (ref readonly var candidate in candidates)
            {
                if (!candidate.IsFailed)
                    _values[count++] = candidate[_mean.Parts[window].Component];
            }
            _windows[window].Merge(_values.AsSpan(0, count));
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

    // Letters: K components, N candidates; ranked is K x N.
    private void Rank(ReadOnlySpan<CandidateMetrics> candidates, ReadOnlySpan<int> groupSizes, Span<float> rewards, Span<double> ranked)
    {
        _mean.CheckFinite(candidates);
        for (var part = 0; part < _mean.Parts.Length; part++)
        {
            var own = ranked.Slice(part * candidates.Length, candidates.Length);
            for (var i = 0; i < own.Length; i++)
                own[i] = candidates[i].IsFailed ? 0 : candidates[i][_mean.Parts[part].Component];
            if (_settings.Combination == RewardCombination.NormalizeThenSum)
                Normalize(own, groupSizes, rewards);
            else if (_settings.Combination == RewardCombination.MeanOfRanks && HasWindows)
                RankAgainstWindow(candidates, _windows[part], own);
            else if (_settings.Combination == RewardCombination.MeanOfRanks)
                RankWithinGroups(candidates, groupSizes, own);
        }

        for (var i = 0; i < rewards.Length; i++)
        {
            var sum = 0.0;
            for (var part = 0; part < _mean.Parts.Length; part++)
                sum += _mean.Parts[part].Weight * ranked[part * candidates.Length + i];
            rewards[i] = (float)sum;
        }
        if (_settings.Combination == RewardCombination.SumThenNormalize)
            GroupAdvantages.Compute(rewards, groupSizes, AdvantageScaling.Group, rewards);
    }

    private static void RankAgainstWindow(ReadOnlySpan<CandidateMetrics> candidates, ReferenceDistribution window, Span<double> values)
    {
        for (var i = 0; i < values.Length; i++)
            values[i] = candidates[i].IsFailed ? 0 : window.Quantile(values[i]);
    }

    private void RankWithinGroups(ReadOnlySpan<CandidateMetrics> candidates, ReadOnlySpan<int> groupSizes, Span<double> values)
    {
        var failed = candidates.Length <= 1024 ? stackalloc bool[candidates.Length] : new bool[candidates.Length];
        for (var i = 0; i < failed.Length; i++)
            failed[i] = candidates[i].IsFailed;
        var start = 0;
        foreach (var size in groupSizes)
        {
            var group = values.Slice(start, size);
            SoftRank.Compute(group, failed.Slice(start, size), _settings.Temperature, group);
            start += size;
        }
    }

    private static void Normalize(Span<double> values, ReadOnlySpan<int> groupSizes, Span<float> scratch)
    {
        for (var i = 0; i < values.Length; i++)
            scratch[i] = (float)values[i];
        GroupAdvantages.Compute(scratch, groupSizes, AdvantageScaling.Group, scratch);
        for (var i = 0; i < values.Length; i++)
            values[i] = scratch[i];
    }

    private ReferenceDistribution[] NewWindows()
    {
        if (Mode == RankedRewardMode.WithinGroup || _settings.Combination != RewardCombination.MeanOfRanks)
            return [];
        var fresh = new ReferenceDistribution[_mean.Parts.Length];
        for (var i = 0; i < fresh.Length; i++)
            fresh[i] = new ReferenceDistribution(_settings.WindowCapacity);
        return fresh;
    }
}
