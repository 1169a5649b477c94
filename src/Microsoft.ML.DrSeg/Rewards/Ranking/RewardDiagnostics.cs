namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>What one component did in a step.</summary>
/// <param name="Component">The component.</param>
/// <param name="Mean">Mean of its raw values.</param>
/// <param name="Spread">Standard deviation of its raw values.</param>
/// <param name="RankedMean">Mean of what the reward made of them.</param>
/// <param name="RankedSpread">Standard deviation of what the reward made of them.</param>
/// <param name="AdvantageShare">
/// How far it drives the advantage: the covariance of its weighted part with the advantage over the variance of the
/// advantage, averaged over the groups with spread. The shares of all components add up to 1; one below 0 pulls against
/// the others. In a plain sum the component with the largest spread takes nearly all; evening that out is what ranking is for.
/// </param>
public sealed record ComponentDiagnostics(
    RewardComponent Component, double Mean, double Spread, double RankedMean, double RankedSpread, double AdvantageShare);

/// <summary>What a reward did in one step. Means and spreads are over the candidates that did not fail, 0 where there are none.</summary>
/// <param name="Components">One entry a component, in the reward's order.</param>
/// <param name="GroupsWithoutSpread">Share of the groups whose rewards are all the same, and which so teach nothing.</param>
/// <param name="Failed">Share of the candidates that failed.</param>
/// <param name="OverLong">Share of the candidates that failed by being over-long.</param>
/// <param name="WindowFill">How full the reference window is, 0 to 1; null where there is none.</param>
public sealed record RewardDiagnostics(
    IReadOnlyList<ComponentDiagnostics> Components, double GroupsWithoutSpread, double Failed, double OverLong, double? WindowFill)
{
    /// <summary>Whether all figures are the same.</summary>
    public bool Equals(RewardDiagnostics? other) =>
        other is not null && Components.SequenceEqual(other.Components)
        && (GroupsWithoutSpread, Failed, OverLong, WindowFill) == (other.GroupsWithoutSpread, other.Failed, other.OverLong, other.WindowFill);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Components.Count, GroupsWithoutSpread, Failed, OverLong, WindowFill);

    /// <summary>The figures by name, for a log of training.</summary>
    public IEnumerable<KeyValuePair<string, double>> ToMetrics()
    {
        foreach (var one in Components)
        {
            yield return new($"{one.Component} mean", one.Mean);
            yield return new($"{one.Component} spread", one.Spread);
            yield return new($"{one.Component} ranked mean", one.RankedMean);
            yield return new($"{one.Component} ranked spread", one.RankedSpread);
            yield return new($"{one.Component} advantage share", one.AdvantageShare);
        }
        yield return new("ranking groups without spread", GroupsWithoutSpread);
        yield return new("over-long texts", OverLong);
        if (WindowFill is { } fill)
            yield return new("window fill", fill);
    }

    /// <param name="parts">The components with weights that sum to 1.</param>
    /// <param name="ranked">What the reward made of each component: all candidates of the first component, then of the second.</param>
    internal static RewardDiagnostics Of(
        ReadOnlySpan<WeightedComponent> parts, ReadOnlySpan<CandidateMetrics> candidates, ReadOnlySpan<int> groupSizes,
        ReadOnlySpan<double> ranked, double? windowFill)
    {
        var count = candidates.Length;
        var honest = new List<int>(count);
        var overLong = 0;
        for (var i = 0; i < count; i++)
        {
            if (!candidates[i].IsFailed)
                honest.Add(i);
            else if (candidates[i].IsOverLong)
                overLong++;
        }
        var shares = AdvantageShares(parts, groupSizes, ranked, count, out var withoutSpread);
        var components = new ComponentDiagnostics[parts.Length];
        double[] raw = new double[honest.Count], after = new double[honest.Count];
        for (var part = 0; part < parts.Length; part++)
        {
            var component = parts[part].Component;
            for (var i = 0; i < raw.Length; i++)
                (raw[i], after[i]) = (candidates[honest[i]][component], ranked[part * count + honest[i]]);
            var ((mean, spread), (rankedMean, rankedSpread)) = (MeanAndSpread.Of(raw), MeanAndSpread.Of(after));
            components[part] = new(component, mean, spread, rankedMean, rankedSpread, shares[part]);
        }
        return new(
            components, groupSizes.IsEmpty ? 0 : (double)withoutSpread / groupSizes.Length,
            count == 0 ? 0 : (double)(count - honest.Count) / count, count == 0 ? 0 : (double)overLong / count, windowFill);
    }

    private static double[] AdvantageShares(
        ReadOnlySpan<WeightedComponent> parts, ReadOnlySpan<int> groupSizes, ReadOnlySpan<double> ranked, int count, out int withoutSpread)
    {
        var shares = new double[parts.Length];
        double[] sum = [], part = [];
        int start = 0, weight = 0;
        withoutSpread = 0;
        foreach (var size in groupSizes)
        {
            if (sum.Length < size)
                (sum, part) = (new double[size], new double[size]);
            Span<double> advantage = sum.AsSpan(0, size), own = part.AsSpan(0, size);
            advantage.Clear();
            for (var p = 0; p < parts.Length; p++)
            {
                Center(ranked.Slice(p * count + start, size), parts[p].Weight, own);
                for (var i = 0; i < size; i++)
                    advantage[i] += own[i];
            }
            start += size;
            if (Largest(advantage) <= GroupAdvantages.ZeroSpreadTolerance)
            {
                withoutSpread++;
                continue;
            }
            var variance = Dot(advantage, advantage);
            for (var p = 0; p < parts.Length; p++)
            {
                Center(ranked.Slice(p * count + start - size, size), parts[p].Weight, own);
                shares[p] += size * Dot(own, advantage) / variance;
            }
            weight += size;
        }
        for (var p = 0; p < shares.Length && weight > 0; p++)
            shares[p] /= weight;
        return shares;
    }

    private static void Center(ReadOnlySpan<double> values, double weight, Span<double> centered)
    {
        var mean = 0.0;
        foreach (var value in values)
            mean += value / values.Length;
        for (var i = 0; i < values.Length; i++)
            centered[i] = weight * (values[i] - mean);
    }

    private static double Largest(ReadOnlySpan<double> values)
    {
        var largest = 0.0;
        foreach (var value in values)
            largest = Math.Max(largest, Math.Abs(value));
        return largest;
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }
}
