using System.Buffers;

namespace Microsoft.ML.DrSeg.Imaging;

/// <summary>
/// How one axis of a crop is resampled: for every output position the run of source pixels it reads, and their weights.
/// Resampling is separable, so two of these describe a crop.
/// </summary>
/// <remarks>
/// Shrinking: a source pixel weighs by the share of the output pixel that it covers (area average).
/// Enlarging: linearly between the two source pixels whose centres enclose the output pixel's centre; within half a pixel
/// of the image's border the outermost source pixel alone. Nothing outside the image has a weight, so that the weights of
/// an output pixel add up to less than 1 across the border and to 0 beyond it: <see cref="Sum"/>.
/// The arrays are rented: dispose.
/// </remarks>
internal readonly ref struct AxisWeights
{
    private readonly int[] _places; // two a position: its first source pixel, its first weight
    private readonly float[] _weights, _sums;

    /// <param name="start">Where the crop begins, in source pixels.</param>
    /// <param name="length">Its length in source pixels, above 0.</param>
    /// <param name="positions">Output pixels.</param>
    /// <param name="side">Source pixels there are.</param>
    public AxisWeights(double start, double length, int positions, int side)
    {
        double step = length / positions;
        int mostRead = Math.Max(2, (int)Math.Min(Math.Ceiling(step) + 1, side));
        _places = ArrayPool<int>.Shared.Rent(2 * positions + 2);
        _weights = ArrayPool<float>.Shared.Rent(positions * mostRead);
        _sums = ArrayPool<float>.Shared.Rent(positions);
        _places[1] = 0;
        First = side;
        int count = 0;
        for (int i = 0; i < positions; i++)
        {
            int from = step < 1
                ? Interpolate(start + (i + 0.5) * step, side, ref count)
                : Average(start + i * step, start + (i + 1) * step, side, ref count);
            (_places[2 * i], _places[2 * i + 3]) = (from, count);
            _sums[i] = 0;
            foreach (float weight in this[i])
                _sums[i] += weight;
            int read = count - _places[2 * i + 1];
            if (read > 0)
                (First, End) = (Math.Min(First, from), Math.Max(End, from + read));
        }
        First = Math.Min(First, End);
    }

    /// <summary>The first source pixel that any position reads.</summary>
    public int First { get; }

    /// <summary>One beyond the last source pixel that any position reads.</summary>
    public int End { get; }

    /// <summary>The first source pixel that a position reads; the others follow it. First to End where it reads none.</summary>
    public int Start(int position) => Math.Clamp(_places[2 * position], First, End);

    /// <summary>One weight for each source pixel that a position reads.</summary>
    public ReadOnlySpan<float> this[int position] =>
        _weights.AsSpan(_places[2 * position + 1].._places[2 * position + 3]);

    /// <summary>The weights of a position together: 1 inside the image, less across its border, 0 beyond.</summary>
    public float Sum(int position) => _sums[position];

    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(_places);
        ArrayPool<float>.Shared.Return(_weights);
        ArrayPool<float>.Shared.Return(_sums);
    }

    private int Interpolate(double centre, int side, ref int count)
    {
        if (!(centre >= 0 && centre < side))
            return 0;
        double left = Math.Floor(centre - 0.5);
        float share = (float)(centre - 0.5 - left);
        if (left < 0 || left + 1 >= side)
        {
            _weights[count++] = 1;
            return left < 0 ? 0 : side - 1;
        }
        _weights[count++] = 1 - share;
        _weights[count++] = share;
        return (int)left;
    }

    private int Average(double low, double high, int side, ref int count)
    {
        int from = (int)Math.Clamp(Math.Floor(low), 0, side);
        int to = (int)Math.Clamp(Math.Ceiling(high), from, side);
        for (int x = from; x < to; x++)
            _weights[count++] = (float)((Math.Min(high, x + 1) - Math.Max(low, x)) / (high - low));
        return from;
    }
}
