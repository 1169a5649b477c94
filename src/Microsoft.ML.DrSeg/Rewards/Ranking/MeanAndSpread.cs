namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>Mean and population standard deviation of some values; 0 where there are none.</summary>
internal readonly record struct MeanAndSpread(double Mean, double Spread)
{
    public static MeanAndSpread Of(ReadOnlySpan<double> values)
    {
        if (values.IsEmpty)
            return default;
        var mean = 0.0;
        foreach (var value in values)
            mean += value / values.Length;
        var squares = 0.0;
        foreach (var value in values)
            squares += (value - mean) * (value - mean) / values.Length;
        return new(mean, Math.Sqrt(squares));
    }
}
