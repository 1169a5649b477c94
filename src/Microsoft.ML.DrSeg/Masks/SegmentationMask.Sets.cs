namespace Microsoft.ML.DrSeg.Masks;

// Several masks of one image: unions, intersections and differences, and how much two share. One walk over the runs of both.
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

    /// <summary>Number of pixels inside both masks.</summary>
    /// <exception cref="ArgumentException">The masks are of images of different sizes.</exception>
    public long IntersectionArea(SegmentationMask other)
    {
        CheckSameSize(other);
        if (Box.Intersect(other.Box).IsEmpty)
            return 0;
        int[] a = _ends, b = other._ends;
        long shared = 0;
        for (int i = 1, j = 1; i < a.Length && j < b.Length;)
        {
            int start = Math.Max(a[i - 1], b[j - 1]), end = Math.Min(a[i], b[j]);
            if (end > start)
                shared += end - start;
            // Whichever run ends first cannot meet anything further on.
            if (a[i] <= b[j])
                i += 2;
            else
                j += 2;
        }
        return shared;
    }

    /// <summary>Number of pixels inside at least one of the masks.</summary>
    /// <exception cref="ArgumentException">The masks are of images of different sizes.</exception>
    public long UnionArea(SegmentationMask other) => Area + (other ?? throw new ArgumentNullException(nameof(other))).Area - IntersectionArea(other);

    /// <summary>Shared pixels over joint pixels, 0 to 1; two empty masks agree: 1.</summary>
    /// <exception cref="ArgumentException">The masks are of images of different sizes.</exception>
    public double IntersectionOverUnion(SegmentationMask other)
    {
        long shared = IntersectionArea(other), joint = Area + other.Area - shared;
        return joint == 0 ? 1 : (double)shared / joint;
    }

    /// <summary>Twice the shared pixels over the sum of both areas (Dice 1945), 0 to 1; two empty masks agree: 1.</summary>
    /// <exception cref="ArgumentException">The masks are of images of different sizes.</exception>
    public double Dice(SegmentationMask other)
    {
        long shared = IntersectionArea(other), sum = Area + other.Area;
        return sum == 0 ? 1 : 2.0 * shared / sum;
    }

    private void CheckSameSize(SegmentationMask other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Width != other.Width || Height != other.Height)
            throw new ArgumentException($"Masks are compared on one image: this one is {Width} x {Height} pixels, the other {other.Width} x {other.Height}. Resize one of them first.", nameof(other));
    }
}
