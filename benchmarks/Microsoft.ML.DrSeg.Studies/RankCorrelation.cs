namespace Microsoft.ML.DrSeg.Studies;

/// <summary>How well one quantity orders things by another, such as confidence by true IoU.</summary>
internal static class RankCorrelation
{
    /// <summary>
    /// Spearman's rank correlation, in [-1, 1]: the correlation of the mid-ranks of both (Spearman, The Proof and
    /// Measurement of Association between Two Things, 1904), so ties are handled exactly.
    /// </summary>
    /// <param name="first">One quantity.</param>
    /// <param name="second">The other, of the same length.</param>
    /// <returns>The correlation; null where either quantity is constant, since it then orders nothing.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or a value is NaN.</exception>
    public static double? Spearman(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        if (first.Length != second.Length)
            throw new ArgumentException($"There are {first.Length} first and {second.Length} second values; they must come in pairs.", nameof(second));
        var ranks = MidRanks(first, nameof(first));
        var others = MidRanks(second, nameof(second));
        // Mid-ranks always average (n + 1) / 2.
        var mean = (first.Length + 1) / 2.0;
        double product = 0, squares = 0, otherSquares = 0;
        for (var i = 0; i < ranks.Length; i++)
        {
            product += (ranks[i] - mean) * (others[i] - mean);
            squares += (ranks[i] - mean) * (ranks[i] - mean);
            otherSquares += (others[i] - mean) * (others[i] - mean);
        }
        return squares == 0 || otherSquares == 0 ? null : Math.Clamp(product / Math.Sqrt(squares * otherSquares), -1, 1);
    }

    /// <summary>Places from 1 in ascending order; equal values share the mean of their places.</summary>
    private static double[] MidRanks(ReadOnlySpan<double> values, string name)
    {
        var sorted = values.ToArray();
        var indices = new int[values.Length];
        for (var i = 0; i < indices.Length; i++)
        {
            if (double.IsNaN(sorted[i]))
                throw new ArgumentException($"Value {i} is NaN, which has no place in an order.", name);
            indices[i] = i;
        }
        Array.Sort(sorted, indices);
        var ranks = new double[values.Length];
        for (var start = 0; start < sorted.Length;)
        {
            var end = start + 1;
            while (end < sorted.Length && sorted[end] == sorted[start])
                end++;
            for (var i = start; i < end; i++)
                ranks[indices[i]] = (start + 1 + end) / 2.0;
            start = end;
        }
        return ranks;
    }
}
