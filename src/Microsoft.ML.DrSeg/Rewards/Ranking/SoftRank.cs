using System.Runtime.Intrinsics;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// Soft ranks of the candidates of one group: the reward vector of the Distribution-Ranked Reward.
/// </summary>
/// <remarks>
/// <para>The soft rank of candidate i among n is its expected share of wins,
/// <c>r_i = (1/n) * sum_j sigmoid((x_i - x_j) / (T * spread))</c>, where spread is the standard deviation of the group's
/// values and T the temperature. The term j = i is 1/2, so at T = 0 this is the mid-rank
/// <c>(count(x &lt; x_i) + count(x = x_i) / 2) / n</c>; as T grows, ranks become linear in the value (and draw together,
/// which the scaling of advantages undoes).</para>
/// <para>Failed candidates lose to every other one and get exactly 0; every other candidate gets at least 1/(2n).
/// The sums run over sorted values, so permuting the candidates permutes the ranks bit for bit.</para>
/// </remarks>
internal static class SoftRank
{
    /// <summary>A spread below this share of the largest magnitude is rounding noise, and the values count as equal.</summary>
    private const double RelativeTolerance = 1e-12;

    /// <param name="values">Qualities, larger is better; those of failed candidates are not looked at.</param>
    /// <param name="failed">Which candidates failed; of the same length, or empty when none did.</param>
    /// <param name="temperature">0 for hard mid-ranks; in units of the group's spread, so .1 is nearly hard and 2 nearly linear.</param>
    /// <param name="ranks">Receives the ranks, in [0, 1]; may be the values' own memory.</param>
    public static void Compute(ReadOnlySpan<double> values, ReadOnlySpan<bool> failed, double temperature, Span<double> ranks)
    {
        var sortedStore = values.Length <= 128 ? stackalloc double[values.Length] : new double[values.Length];
        var indexStore = values.Length <= 128 ? stackalloc int[values.Length] : new int[values.Length];
        var ranked = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (!failed.IsEmpty && failed[i])
                continue;
            sortedStore[ranked] = values[i];
            indexStore[ranked++] = i;
        }
        var sorted = sortedStore[..ranked];
        var indices = indexStore[..ranked];
        sorted.Sort(indices);

        ranks.Clear();
        var losers = values.Length - ranked;
        var spread = temperature > 0 ? Spread(sorted) : double.NaN;
        var scale = temperature * spread;
        var previous = 0.0;
        for (var i = 0; i < ranked; i++)
        {
            var wins = losers + (
                spread == 0 ? ranked / 2.0
                : double.IsNormal(scale) ? SoftWins(sorted, sorted[i], scale)
                : HardWins(sorted, sorted[i]));
            // The exponential's last bit may break monotony between neighbours; the running maximum keeps it.
            previous = Math.Max(previous, wins / values.Length);
            ranks[indices[i]] = previous;
        }
    }

    private static double SoftWins(ReadOnlySpan<double> sorted, double value, double scale)
    {
        var wins = 0.0;
        var at = 0;
        for (; at <= sorted.Length - Vector256<double>.Count; at += Vector256<double>.Count)
            wins += Vector256.Sum(Vector256<double>.One / (Vector256<double>.One + Vector256.Exp((Vector256.Create(sorted[at..]) - Vector256.Create(value)) / scale)));
        for (; at < sorted.Length; at++)
            wins += 1 / (1 + Math.Exp((sorted[at] - value) / scale));
        return wins;
    }

    private static double HardWins(ReadOnlySpan<double> sorted, double value)
    {
        int below = 0, equal = 0;
        foreach (var other in sorted)
        {
            if (other < value)
                below++;
            else if (other == value)
                equal++;
        }
        return below + equal / 2.0;
    }

    /// <summary>The population standard deviation, or 0 where it is no more than rounding noise.</summary>
    private static double Spread(ReadOnlySpan<double> sorted)
    {
        if (sorted.IsEmpty)
            return 0;
        var spread = MeanAndSpread.Of(sorted).Spread;
        var magnitude = Math.Max(Math.Abs(sorted[0]), Math.Abs(sorted[^1]));
        return spread > RelativeTolerance * magnitude ? spread : 0;
    }
}
