using System.Buffers;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// The Distribution-Ranked Reward: a candidate earns its rank among comparable candidates instead of its raw score, so
/// near misses are graded and no component dominates the gradient by the size of its spread alone.
/// </summary>
/// <remarks>
/// Every component is ranked on its own and the ranks are averaged by weight. Failed candidates earn exactly 0 and never
/// enter a window. Any number of threads may <see cref="Rank(ReadOnlySpan{CandidateMetrics}, ReadOnlySpan{int}, Span{float})"/>
/// at the same time; while one thread scores, learns or restores, no other may use the reward.
/// </remarks>
public sealed class DistributionRankedReward : ICandidateReward
{
    private static readonly WeightedComponent[] GroupComponents = [new(RewardComponent.MaskIoU)];
    private static readonly WeightedComponent[] WindowComponents =
        [new(RewardComponent.BoxIoU), new(RewardComponent.CountScore), new(RewardComponent.PointScore), new(RewardComponent.MaskIoU)];

    private readonly DistributionRankedRewardSettings _settings;
    private readonly ComponentMean _mean;
    private ReferenceDistribution[] _windows;

    // Of the last step, component by component: the raw values, and what they were turned into. And room for the values of one
    // component that enter its window.
    private double[] _values = [], _ranked = [], _learned = [];
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

    internal bool HasWindows => _windows.Length > 0;

    /// <inheritdoc/>
    public void Score(ReadOnlySpan<CandidateMetrics> candidates, ReadOnlySpan<int> groupSizes, Span<float> rewards)
    {
        GroupSizes.Check(groupSizes, candidates.Length, rewards.Length);
        var values = Gather(candidates);
        var warmingUp = HasWindows && _windows[0].Count < _settings.WindowMinimum;
        if (warmingUp)
            Learn(candidates, values);
        if (_ranked.Length < values.Length)
            _ranked = new double[values.Length];
        Rank(candidates, groupSizes, values, _ranked.AsSpan(0, values.Length), rewards);
        _rankedCandidates = candidates.Length;
        if (!warmingUp)
            Learn(candidates, values);
    }

    /// <summary>Rewards candidates like <see cref="Score"/>, but leaves the windows as they are.</summary>
    /// <inheritdoc cref="Score"/>
    /// <exception cref="InvalidOperationException">The windows are empty: nothing has been learnt or restored yet.</exception>
    public void Rank(ReadOnlySpan<CandidateMetrics> candidates, ReadOnlySpan<int> groupSizes, Span<float> rewards)
    {
        GroupSizes.Check(groupSizes, candidates.Length, rewards.Length);
        var size = _mean.Parts.Length * candidates.Length;
        if (size <= 256)
        {
            Span<double> values = stackalloc double[size], ranked = stackalloc double[size];
            _mean.Gather(candidates, values);
            Rank(candidates, groupSizes, values, ranked, rewards);
            return;
        }
        var room = ArrayPool<double>.Shared.Rent(2 * size);
        _mean.Gather(candidates, room.AsSpan(0, size));
        Rank(candidates, groupSizes, room.AsSpan(0, size), room.AsSpan(size, size), rewards);
        ArrayPool<double>.Shared.Return(room);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The last step that was scored had another number of candidates.</exception>
    public RewardDiagnostics Diagnose(ReadOnlySpan<CandidateMetrics> candidates, ReadOnlySpan<int> groupSizes)
    {
        GroupSizes.Check(groupSizes, candidates.Length, candidates.Length);
        if (candidates.Length != _rankedCandidates)
            throw new InvalidOperationException($"The last step scored had {_rankedCandidates} candidates, not {candidates.Length}; diagnose a step right after scoring it.");
        return RewardDiagnostics.Of(
            _mean.Parts, candidates, groupSizes, _ranked.AsSpan(0, _mean.Parts.Length * candidates.Length),
            HasWindows ? (double)_windows[0].Count / _windows[0].Capacity : null);
    }

    /// <summary>Merges the values of a step's candidates into the windows, failed ones left out. Does nothing within the group.</summary>
    /// <param name="candidates">The candidates of one step.</param>
    /// <exception cref="ArgumentException">A metric is not finite.</exception>
    public void Learn(ReadOnlySpan<CandidateMetrics> candidates) => Learn(candidates, Gather(candidates));

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
            if (!state.TryGetValue(component, out var values) || values is null)
                throw new ArgumentException($"The state has no window of {component}; it was saved with other components.", nameof(state));
            if (values.Length > _settings.WindowCapacity)
                throw new ArgumentException($"The state's window of {component} holds {values.Length} values, more than {nameof(DistributionRankedRewardSettings.WindowCapacity)}, {_settings.WindowCapacity}.", nameof(state));
            restored[i].Merge(values);
        }
        _windows = restored;
    }

    // Letters: K components, N candidates; values and ranked are K x N.
    private ReadOnlySpan<double> Gather(ReadOnlySpan<CandidateMetrics> candidates)
    {
        var size = _mean.Parts.Length * candidates.Length;
        if (_values.Length < size)
            _values = new double[size];
        _mean.Gather(candidates, _values.AsSpan(0, size));
        return _values.AsSpan(0, size);
    }

    private void Learn(ReadOnlySpan<CandidateMetrics> candidates, ReadOnlySpan<double> values)
    {
        if (_learned.Length < candidates.Length)
            _learned = new double[candidates.Length];
        for (var window = 0; window < _windows.Length; window++)
        {
            var own = values.Slice(window * candidates.Length, candidates.Length);
            var count = 0;
            for (var i = 0; i < own.Length; i++)
            {
                if (!candidates[i].IsFailed)
                    _learned[count++] = own[i];
            }
            _windows[window].Merge(_learned.AsSpan(0, count));
        }
    }

    private void Rank(ReadOnlySpan<CandidateMetrics> candidates, ReadOnlySpan<int> groupSizes, ReadOnlySpan<double> values, Span<double> ranked, Span<float> rewards)
    {
        var parts = _mean.Parts;
        for (var part = 0; part < parts.Length; part++)
        {
            var from = values.Slice(part * candidates.Length, candidates.Length);
            var own = ranked.Slice(part * candidates.Length, candidates.Length);
            if (_settings.Combination == RewardCombination.MeanOfRanks && HasWindows)
                RankAgainstWindow(candidates, _windows[part], from, own);
            else if (_settings.Combination == RewardCombination.MeanOfRanks)
                RankWithinGroups(candidates, groupSizes, from, own);
            else if (_settings.Combination == RewardCombination.NormalizeThenSum)
                Normalize(from, groupSizes, own, rewards);
            else
                from.CopyTo(own);
        }

        for (var i = 0; i < rewards.Length; i++)
        {
            var sum = 0.0;
            for (var part = 0; part < parts.Length; part++)
                sum += parts[part].Weight * ranked[part * candidates.Length + i];
            rewards[i] = (float)sum;
        }
        if (_settings.Combination == RewardCombination.SumThenNormalize)
            GroupAdvantages.Compute(rewards, groupSizes, AdvantageScaling.Group, rewards);
    }

    private static void RankAgainstWindow(ReadOnlySpan<CandidateMetrics> candidates, ReferenceDistribution window, ReadOnlySpan<double> values, Span<double> ranks)
    {
        var failed = 0;
        foreach (ref readonly var candidate in candidates)
            failed += candidate.IsFailed ? 1 : 0;
        // Where nothing is to be ranked the window may be empty.
        if (failed < candidates.Length)
            window.Quantiles(values, ranks);
        for (var i = 0; failed > 0 && i < ranks.Length; i++)
        {
            if (candidates[i].IsFailed)
                ranks[i] = 0;
        }
    }

    private void RankWithinGroups(ReadOnlySpan<CandidateMetrics> candidates, ReadOnlySpan<int> groupSizes, ReadOnlySpan<double> values, Span<double> ranks)
    {
        var failed = candidates.Length <= 1024 ? stackalloc bool[candidates.Length] : new bool[candidates.Length];
        for (var i = 0; i < failed.Length; i++)
            failed[i] = candidates[i].IsFailed;
        var start = 0;
        foreach (var size in groupSizes)
        {
            SoftRank.Compute(values.Slice(start, size), failed.Slice(start, size), _settings.Temperature, ranks.Slice(start, size));
            start += size;
        }
    }

    private static void Normalize(ReadOnlySpan<double> values, ReadOnlySpan<int> groupSizes, Span<double> normalized, Span<float> scratch)
    {
        for (var i = 0; i < values.Length; i++)
            scratch[i] = (float)values[i];
        GroupAdvantages.Compute(scratch, groupSizes, AdvantageScaling.Group, scratch);
        for (var i = 0; i < values.Length; i++)
            normalized[i] = scratch[i];
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
