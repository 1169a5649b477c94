using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Brings a small square of logits to an image's size, by linear interpolation between the centres of its places (the outermost
/// reach to the border), and cuts it at 0. Source: sam2/utils/transforms.py, postprocess_masks.
/// </summary>
internal sealed class LowResolutionMask
{
    private readonly int _side;
    private readonly Neighbours[] _columns, _rows;

    /// <param name="side">Side of the square.</param>
    /// <param name="width">Pixels in a row of the image.</param>
    /// <param name="height">Rows of the image.</param>
    public LowResolutionMask(int side, int width, int height)
    {
        _side = side;
        (_columns, _rows) = (NeighboursOf(width, side), NeighboursOf(height, side));
    }

    /// <summary>The mask of side x side logits, row by row.</summary>
    public SegmentationMask Cut(ReadOnlySpan<float> logits)
    {
        int height = _rows.Length;
        var inside = new byte[checked(_columns.Length * height)];
        float[] narrow = new float[_side], column = new float[height];
        for (int x = 0; x < _columns.Length; x++)
        {
            Column(logits, x, narrow, column);
            Span<byte> pixels = inside.AsSpan(x * height, height);
            for (int y = 0; y < height; y++)
                pixels[y] = column[y] > 0 ? (byte)1 : (byte)0;
        }
        return SegmentationMask.FromLabels(inside, 1, _columns.Length, height);
    }

    /// <summary>The logits of one column of the image.</summary>
    /// <param name="logits">side x side, row by row.</param>
    /// <param name="x">Which column.</param>
    /// <param name="narrow">Room for side numbers.</param>
    /// <param name="column">Takes one logit a row of the image.</param>
    public void Column(ReadOnlySpan<float> logits, int x, Span<float> narrow, Span<float> column)
    {
        for (int row = 0; row < _side; row++)
            narrow[row] = _columns[x].Mean(logits.Slice(row * _side, _side));
        for (int y = 0; y < column.Length; y++)
            column[y] = _rows[y].Mean(narrow);
    }

    private static Neighbours[] NeighboursOf(int pixels, int places) =>
        [.. Enumerable.Range(0, pixels).Select(pixel =>
        {
            float centre = Math.Max(0, (pixel + .5f) * places / pixels - .5f);
            int first = Math.Min((int)centre, places - 1);
            return new Neighbours(first, Math.Min(first + 1, places - 1), centre - first);
        })];

    // The two places whose centres enclose that of a pixel, and how near it is to the second.
    private readonly record struct Neighbours(int First, int Second, float Share)
    {
        public float Mean(ReadOnlySpan<float> places) => places[First] * (1 - Share) + places[Second] * Share;
    }
}
