namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// How one axis of an image is resampled by Pillow, to the bit: for every output position the run of source pixels it reads and
/// their weights, whole numbers of 1/2^22 (python-pillow/Pillow, <c>src/libImaging/Resample.c</c>).
/// </summary>
internal sealed class PillowWeights
{
    public const int Bits = 22;

    private readonly int[] _starts, _weights;
    private readonly int _most;

    /// <param name="source">Source pixels, at least 1.</param>
    /// <param name="positions">Output pixels, at least 1.</param>
    /// <param name="filter">The curve.</param>
    public PillowWeights(int source, int positions, ResamplingFilter filter)
    {
        double scale = (double)source / positions, stretch = Math.Max(scale, 1);
        double support = stretch * (filter == ResamplingFilter.Bicubic ? 2 : 1);
        _most = 2 * (int)Math.Ceiling(support) + 1;
        _starts = new int[positions];
        Counts = new int[positions];
        _weights = new int[checked(positions * _most)];
        var curve = new double[_most];
        for (int position = 0; position < positions; position++)
        {
            double centre = (position + 0.5) * scale, sum = 0;
            int from = Math.Max(0, (int)(centre - support + 0.5)), to = Math.Min(source, (int)(centre + support + 0.5));
            for (int x = from; x < to; x++)
                sum += curve[x - from] = Curve(filter, (x - centre + 0.5) / stretch);
            (_starts[position], Counts[position]) = (from, to - from);
            for (int k = 0; k < to - from; k++)
                _weights[position * _most + k] = (int)Math.Round(curve[k] / sum * (1 << Bits), MidpointRounding.AwayFromZero);
        }
    }

    /// <summary>Output positions.</summary>
    public int Positions => _starts.Length;

    /// <summary>Source pixels that each position reads.</summary>
    private int[] Counts { get; }

    /// <summary>The first source pixel that a position reads; the others follow it.</summary>
    public int Start(int position) => _starts[position];

    /// <summary>One weight for each source pixel that a position reads.</summary>
    public ReadOnlySpan<int> this[int position] => _weights.AsSpan(position * _most, Counts[position]);

    private static double Curve(ResamplingFilter filter, double distance)
    {
        const double a = -0.5;
        double t = Math.Abs(distance);
        if (filter == ResamplingFilter.Bilinear)
            return Math.Max(0, 1 - t);
        return t < 1 ? ((a + 2) * t - (a + 3)) * t * t + 1 : t < 2 ? (((t - 5) * t + 8) * t - 4) * a : 0;
    }
}
