namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>A weighted mean over reward components, its weights checked and made to sum to 1 once.</summary>
internal sealed class ComponentMean
{
    private readonly WeightedComponent[] _parts;

    public ComponentMean(IReadOnlyList<WeightedComponent> components)
    {
        ArgumentNullException.ThrowIfNull(components);
        if (components.Count == 0)
            throw new ArgumentException("A reward needs at least one component.", nameof(components));
        foreach (var (component, weight) in components)
        {
            if (!Enum.IsDefined(component))
                throw new ArgumentException($"{component} is not a reward component.", nameof(components));
            if (!(weight > 0) || !double.IsFinite(weight))
                throw new ArgumentException($"The weight of {component} is {weight}; weights must be positive and finite. Leave a component out rather than giving it 0.", nameof(components));
            if (components.Count(other => other.Component == component) > 1)
                throw new ArgumentException($"{component} is given more than once; give each component once, with its weight.", nameof(components));
        }
        var total = components.Sum(part => part.Weight);
        _parts = [.. components.Select(part => part with { Weight = part.Weight / total })];
    }

    public ReadOnlySpan<WeightedComponent> Parts => _parts;

    public double Of(ReadOnlySpan<CandidateMetrics> candidates, int index)
    {
        var sum = 0.0;
        foreach (var (component, weight) in _parts)
            sum += weight * Value(candidates, index, component);
        return sum;
    }

    /// <param name="candidates">N candidates.</param>
    /// <param name="values">Receives the components times N values.</param>
    public void Gather(ReadOnlySpan<CandidateMetrics> candidates, Span<double> values)
    {
        for (var part = 0; part < _parts.Length; part++)
        {
            for (var i = 0; i < candidates.Length; i++)
                values[part * candidates.Length + i] = Value(candidates, i, _parts[part].Component);
        }
    }

    // One NaN would reach every rank and every gradient. Nothing of a failed candidate counts.
    private static double Value(ReadOnlySpan<CandidateMetrics> candidates, int index, RewardComponent component)
    {
        ref readonly var candidate = ref candidates[index];
        var value = candidate.IsFailed ? 0 : candidate[component];
        return double.IsFinite(value)
            ? value
            : throw new ArgumentException($"{component} of candidate {index} is {value}; only finite numbers can be rewarded. NaN stands for what was not measured: leave the component out, or mark the candidate as failed.", nameof(candidates));
    }
}
