namespace Microsoft.ML.DrSeg.Reporting;

/// <summary>One line of a <see cref="LineChart"/>.</summary>
/// <param name="X">Places along the axis, ascending and finite.</param>
/// <param name="Y">Values, as many; one that is not finite leaves a gap.</param>
/// <param name="IsReference">Whether it is only there to compare with: drawn thin, dashed and grey.</param>
internal sealed record ChartSeries(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y, bool IsReference = false);

/// <summary>Lines over a common axis.</summary>
/// <param name="XLabel">What runs along the axis, with its unit.</param>
/// <param name="YLabel">What the lines show, with its unit.</param>
internal sealed record LineChart(string Title, string XLabel, string YLabel, IReadOnlyList<ChartSeries> Series)
{
    /// <summary>
    /// Over how many neighbouring values each line is averaged; the raw values stay visible, faintly. 1 for none.
    /// </summary>
    public int SmoothingWindow { get; init; } = 1;

    /// <summary>The mean over a window centred on each value, cut off at the ends; gaps stay gaps.</summary>
    internal static double[] Smooth(IReadOnlyList<double> values, int window)
    {
        var smoothed = new double[values.Count];
        for (var i = 0; i < smoothed.Length; i++)
        {
            var reach = (window - 1) / 2;
            var (sum, count) = (0.0, 0);
            for (var j = Math.Max(i - reach, 0); j <= Math.Min(i + reach, smoothed.Length - 1); j++)
            {
                if (double.IsFinite(values[j]))
                    (sum, count) = (sum + values[j], count + 1);
            }
            smoothed[i] = double.IsFinite(values[i]) ? sum / count : double.NaN;
        }
        return smoothed;
    }
}
