namespace Microsoft.ML.DrSeg.Data;

// Set operations: one walk over the runs of both masks.
public sealed partial class SegmentationMask
{
    // Which of the four cases (in neither, in the first, in the second, in both) are inside: one bit a case.
    private const int InEither = 0b1110, InBoth = 0b1000, InFirstOnly = 0b0010;

    /// <summary>The pixels inside at least one of the masks.</summary>
    /// <exception cref="ArgumentException">The masks are of images of different sizes.</exception>
    public SegmentationMask Union(SegmentationMask other) => Combine(other, InEither);

    /// <summary>The pixels inside both masks.</summary>
    /// <exception cref="ArgumentException">The masks are of images of different sizes.</exception>
    public SegmentationMask Intersect(SegmentationMask other) => Combine(other, InBoth);

    /// <summary>The pixels inside this mask and outside the other.</summary>
    /// <exception cref="ArgumentException">The masks are of images of different sizes.</exception>
    public SegmentationMask Except(SegmentationMask other) => Combine(other, InFirstOnly);

    /// <summary>The pixels inside at least one of several masks of one image; empty where there is none.</summary>
    /// <param name="masks">Of the same size.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <exception cref="ArgumentException">A mask has another size.</exception>
    public static SegmentationMask Union(IEnumerable<SegmentationMask> masks, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(masks);
        return masks.Aggregate(Empty(width, height), (all, mask) => all.Union(mask));
    }

    private SegmentationMask Combine(SegmentationMask other, int cases)
    {
        CheckSameSize(other);
        return new(Width, Height, Combine(_ends, other._ends, cases));
    }

    private static int[] Combine(ReadOnlySpan<int> first, ReadOnlySpan<int> second, int cases)
    {
        var runs = new RunBuilder(first.Length + second.Length);
        int size = first[^1], state = 0, inside = 0;
        for (int i = 0, j = 0; ;)
        {
            int at = Math.Min(first[i], second[j]);
            if (at == size)
                return runs.Build(size);
            if (first[i] == at)
            {
                i++;
                state ^= 1;
            }
            if (second[j] == at)
            {
                j++;
                state ^= 2;
            }
            if ((cases >> state & 1) != inside)
            {
                inside ^= 1;
                runs.Toggle(at);
            }
        }
    }
}
