using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Masks;

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

    /// <param name="columnMajor">One label a pixel, column by column from the left; width x height values.</param>
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

    /// <summary>The mask whose runs end at ascending places; places that repeat cancel, and the last run may be left out.</summary>
    internal static SegmentationMask FromRunEnds(IReadOnlyCollection<int> ends, int width, int height)
    {
        int size = CheckedSize(width, height);
        var runs = new RunBuilder(ends.Count);
        foreach (int at in ends)
            if (at < size)
                runs.Toggle(at);
        return new(width, height, runs.Build(size));
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

    /// <param name="rowMajor">Row by row from the top; Width x Height values.</param>
    internal void Paint<T>(Span<T> rowMajor, T value)
    {
        foreach (ColumnRun run in ColumnRuns())
            for (int y = run.Start, at = run.Start * Width + run.Column; y < run.End; y++, at += Width)
                rowMajor[at] = value;
    }

    /// <summary>Writes the pixels of some columns, from the top of the first one down, 1 inside and 0 outside.</summary>
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

    private BoundingBox FindBox()
    {
        if (Area == 0)
            return default;
        int top = Height, bottom = 0, left = _ends[0] / Height, right = 0;
        for (int i = 1; i < _ends.Length; i += 2)
        {
            int start = _ends[i - 1], last = _ends[i] - 1;
            right = last / Height;
            int firstRow = start % Height, lastRow = last % Height;
            // A run across columns passes the bottom of one and the top of the next.
            if (start / Height != right)
                (firstRow, lastRow) = (0, Height - 1);
            top = Math.Min(top, firstRow);
            bottom = Math.Max(bottom, lastRow);
        }
        return new(left, top, right + 1, bottom + 1);
    }

    // Distance to the nearest pixel outside by the two-pass method (Rosenfeld and Pfaltz 1966) over the box alone;
    // among the farthest pixels the one nearest to the centre of the box.
    private PixelPoint FindInteriorPoint()
    {
        if (Area == 0)
            return new(float.NaN, float.NaN);
        int left = (int)Box.X0, top = (int)Box.Y0, columns = (int)Box.Width, rows = (int)Box.Height;
        byte[] inside = new byte[columns * Height];
        CopyColumnsTo(left, inside);

        int stride = rows + 2; // a border of zeros stands for everything outside the box
        int[] distance = new int[(columns + 2) * stride];
        for (int x = 0; x < columns; x++)
            for (int y = 0; y < rows; y++)
            {
                int at = (x + 1) * stride + y + 1;
                if (inside[x * Height + top + y] != 0)
                    distance[at] = 1 + Math.Min(distance[at - 1], distance[at - stride]);
            }

        int best = 0;
        float bestOffset = 0;
        PixelPoint centre = Box.Center, found = default;
        for (int x = columns - 1; x >= 0; x--)
            for (int y = rows - 1; y >= 0; y--)
            {
                int at = (x + 1) * stride + y + 1;
                int far = distance[at] = Math.Min(distance[at], 1 + Math.Min(distance[at + 1], distance[at + stride]));
                if (far < best || far == 0)
                    continue;
                var point = new PixelPoint(left + x + 0.5f, top + y + 0.5f);
                float offset = (point.X - centre.X) * (point.X - centre.X) + (point.Y - centre.Y) * (point.Y - centre.Y);
                if (far > best || offset < bestOffset)
                    (best, bestOffset, found) = (far, offset, point);
            }
        return found;
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

    /// <summary>A run of pixels inside that stays in one column: rows Start to below End.</summary>
    private readonly record struct ColumnRun(int Column, int Start, int End);

    private IEnumerable<ColumnRun> ColumnRuns()
    {
        for (int i = 1; i < _ends.Length; i += 2)
            for (int at = _ends[i - 1]; at < _ends[i];)
            {
                int column = at / Height, top = column * Height, end = Math.Min(_ends[i], top + Height);
                yield return new(column, at - top, end - top);
                at = end;
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
