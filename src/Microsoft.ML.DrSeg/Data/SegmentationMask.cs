using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.DrSeg.Data;

/// <summary>
/// The pixels of an image that belong to an object. Immutable.
/// </summary>
/// <remarks>
/// Held as run lengths in COCO's order: pixels are walked column by column, from the top of the leftmost column down,
/// and the lengths of alternating runs are noted, first of pixels outside, then inside, then outside, and so on.
/// The first run may be 0, no other is, and they add up to width x height. The 3 x 2 mask (rows <c>.#.</c> and <c>.##</c>)
/// reads <c>.. ## .#</c> and is 2, 2, 1, 1. Set operations walk the runs of both masks once, without unpacking pixels.
/// </remarks>
public sealed partial class SegmentationMask : IEquatable<SegmentationMask>
{
    // Places of pixels and their sums with a side stay within an int.
    internal const int MostPixels = 1 << 30;

    // Where each run ends, as an index into the column-major pixels; the last one is Width * Height.
    // Even places end runs outside, odd places end runs inside. Ends, not lengths: set operations compare positions.
    private readonly int[] _ends;
    private StrongBox<PixelPoint>? _interior;

    private SegmentationMask(int width, int height, int[] ends)
    {
        Width = width;
        Height = height;
        _ends = ends;
        for (int i = 1; i < ends.Length; i += 2)
            Area += ends[i] - ends[i - 1];
        Box = FindBox();
    }

    /// <summary>Pixels in a row of the image.</summary>
    public int Width { get; }

    /// <summary>Rows of the image.</summary>
    public int Height { get; }

    /// <summary>Number of pixels inside.</summary>
    public long Area { get; }

    /// <summary>The smallest box around the pixels inside, whole numbers; (0, 0, 0, 0) for an empty mask.</summary>
    public BoundingBox Box { get; }

    /// <summary>
    /// The centre of a pixel inside that is as far from the border as any other (city-block distance; the image's own border
    /// counts): a safe place to click. (NaN, NaN) for an empty mask, which has none.
    /// </summary>
    public PixelPoint InteriorPoint => (_interior ??= new(FindInteriorPoint())).Value;

    /// <summary>Whether the pixel in that column and row is inside.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such column or row.</exception>
    public bool this[int x, int y]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(x);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(x, Width);
            ArgumentOutOfRangeException.ThrowIfNegative(y);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(y, Height);
            // The run that holds the pixel is the first one ending beyond it.
            int place = Array.BinarySearch(_ends, x * Height + y + 1);
            return ((place < 0 ? ~place : place) & 1) == 1;
        }
    }

    /// <summary>The mask without a pixel inside.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    public static SegmentationMask Empty(int width, int height) => new(width, height, [CheckedSize(width, height)]);

    /// <summary>The mask of an image's pixels given one by one.</summary>
    /// <param name="rowMajor">Row by row from the top, true for a pixel inside; width x height values.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <exception cref="ArgumentException">Not width x height values.</exception>
    public static SegmentationMask FromPixels(ReadOnlySpan<bool> rowMajor, int width, int height)
    {
        int size = CheckedSize(width, height);
        CheckLength(rowMajor.Length, size, nameof(rowMajor));
        byte[] columnMajor = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            Transpose(rowMajor, columnMajor, width, height);
            return FromLabels(columnMajor.AsSpan(0, size), 1, width, height);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(columnMajor);
        }
    }

    /// <summary>The mask of the pixels that carry a label.</summary>
    /// <param name="columnMajor">One label a pixel, column by column from the left; width x height values.</param>
    /// <param name="label">The label of the pixels inside.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    internal static SegmentationMask FromLabels(ReadOnlySpan<byte> columnMajor, byte label, int width, int height)
    {
        var runs = new RunBuilder(0);
        for (int at = 0; at < columnMajor.Length;)
        {
            int outside = columnMajor[at..].IndexOf(label);
            if (outside < 0)
                break;
            at += outside;
            runs.Toggle(at);
            int inside = columnMajor[at..].IndexOfAnyExcept(label);
            at = inside < 0 ? columnMajor.Length : at + inside;
            runs.Toggle(at);
        }
        return new(width, height, runs.Build(columnMajor.Length));
    }

    /// <summary>The mask of the pixels whose centre lies in the box.</summary>
    /// <param name="box">In pixels; may reach beyond the image, and may be empty.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    public static SegmentationMask FromBox(BoundingBox box, int width, int height)
    {
        int size = CheckedSize(width, height);
        if (box.IsEmpty)
            return Empty(width, height);
        (int x0, int x1) = CropSampler.Centres(box.X0, box.X1, width);
        (int y0, int y1) = CropSampler.Centres(box.Y0, box.Y1, height);
        var runs = new RunBuilder(2 * (x1 - x0));
        for (int x = x0; x < x1; x++)
        {
            runs.Toggle(x * height + y0);
            runs.Toggle(x * height + y1);
        }
        return new(width, height, runs.Build(size));
    }

    /// <summary>Writes the pixels row by row from the top, true inside.</summary>
    /// <param name="rowMajor">Width x Height values.</param>
    /// <exception cref="ArgumentException">Not Width x Height values.</exception>
    public void CopyTo(Span<bool> rowMajor)
    {
        CheckLength(rowMajor.Length, Width * Height, nameof(rowMajor));
        rowMajor.Clear();
        Paint(rowMajor, true);
    }

    /// <summary>Writes the pixels of some columns, from the top of the first one down, 1 inside and 0 outside.</summary>
    /// <param name="firstColumn">The leftmost column wanted.</param>
    /// <param name="columnMajor">As many values as the wanted columns have pixels.</param>
    internal void CopyColumnsTo(int firstColumn, Span<byte> columnMajor)
    {
        int from = firstColumn * Height, to = from + columnMajor.Length;
        columnMajor.Clear();
        for (int i = 1; i < _ends.Length && _ends[i - 1] < to; i += 2)
        {
            int start = Math.Max(_ends[i - 1], from), end = Math.Min(_ends[i], to);
            if (start < end)
                columnMajor[(start - from)..(end - from)].Fill(1);
        }
    }

    /// <summary>Same size and same pixels.</summary>
    public bool Equals([NotNullWhen(true)] SegmentationMask? other) =>
        other is not null && Width == other.Width && Height == other.Height && _ends.AsSpan().SequenceEqual(other._ends);

    /// <summary>An order among masks that only equal ones share, for ties; none comes first.</summary>
    internal static int Compare(SegmentationMask? one, SegmentationMask? other)
    {
        if (one is null || other is null)
            return (one is null ? 0 : 1) - (other is null ? 0 : 1);
        var order = one.Area.CompareTo(other.Area);
        return order != 0 ? order : one._ends.AsSpan().SequenceCompareTo(other._ends);
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SegmentationMask);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Width);
        hash.Add(Height);
        foreach (int end in _ends)
            hash.Add(end);
        return hash.ToHashCode();
    }

    /// <summary>Size, area and box, for messages.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"{Width} x {Height} pixels, {Area} inside, box {Box.X0} {Box.Y0} {Box.X1} {Box.Y1}");

    internal static int CheckedSize(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        return (long)width * height <= MostPixels
            ? width * height
            : throw new ArgumentOutOfRangeException(nameof(width), width, $"An image of {width} x {height} has more than the {MostPixels} pixels that a mask can have.");
    }

    private static void CheckLength(int length, int expected, string name)
    {
        if (length != expected)
            throw new ArgumentException($"A mask of this size has {expected} pixels, not {length}.", name);
    }

    // Tile by tile, so that both sides stay in the cache.
    private static void Transpose(ReadOnlySpan<bool> rowMajor, Span<byte> columnMajor, int width, int height)
    {
        const int tile = 16;
        for (int top = 0; top < height; top += tile)
            for (int left = 0; left < width; left += tile)
            {
                int bottom = Math.Min(top + tile, height), right = Math.Min(left + tile, width);
                for (int x = left; x < right; x++)
                    for (int y = top; y < bottom; y++)
                        columnMajor[x * height + y] = rowMajor[y * width + x] ? (byte)1 : (byte)0;
            }
    }

    /// <summary>Collects run ends in ascending order; starts outside.</summary>
    private readonly struct RunBuilder(int capacity)
    {
        private readonly List<int> _ends = new(capacity + 1);

        /// <summary>From this pixel on the other side is meant. Two toggles at one place cancel: no run is empty.</summary>
        public void Toggle(int at)
        {
            if (_ends.Count > 0 && _ends[^1] == at)
                _ends.RemoveAt(_ends.Count - 1);
            else
                _ends.Add(at);
        }

        /// <summary>A run inside, which may touch or overlap the ones before it but not start before them.</summary>
        public void Add(int start, int end)
        {
            if (_ends.Count > 0 && _ends[^1] >= start)
            {
                _ends[^1] = Math.Max(_ends[^1], end);
                return;
            }
            _ends.Add(start);
            _ends.Add(end);
        }

        public int[] Build(int size)
        {
            if (_ends.Count == 0 || _ends[^1] != size)
                _ends.Add(size);
            return [.. _ends];
        }
    }
}
