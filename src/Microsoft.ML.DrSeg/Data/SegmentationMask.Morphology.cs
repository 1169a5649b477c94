namespace Microsoft.ML.DrSeg.Data;

// Erosion and dilation by squares, on runs. A square is a column of pixels by a row of pixels: along columns every run
// shrinks or grows at both ends; along rows a mask is combined with itself, shifted by 1, 2, 4, ... columns.
public sealed partial class SegmentationMask
{
    /// <summary>
    /// The pixels whose whole square of 2 <paramref name="radius"/> + 1 pixels a side is inside. What lies beyond the image
    /// counts as outside, so that a mask is worn off at the image's edge too.
    /// </summary>
    /// <param name="radius">In pixels, 0 or more. As often eroding by 1 gives the same.</param>
    public SegmentationMask Erode(int radius)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(radius);
        return radius == 0 || Area == 0 ? this : AlongColumns(-Math.Min(radius, Height)).AlongRows(Math.Min(radius, Width), InBoth);
    }

    /// <summary>The pixels with a pixel of the mask in the square of 2 <paramref name="radius"/> + 1 pixels a side around them.</summary>
    /// <param name="radius">In pixels, 0 or more. As often dilating by 1 gives the same.</param>
    public SegmentationMask Dilate(int radius)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(radius);
        return radius == 0 || Area == 0 ? this : AlongColumns(Math.Min(radius, Height)).AlongRows(Math.Min(radius, Width), InEither);
    }

    /// <summary>The mask minus its erosion: the pixels inside that are at most <paramref name="thickness"/> from outside.</summary>
    /// <param name="thickness">In pixels, at least 1.</param>
    public SegmentationMask Boundary(int thickness)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(thickness, 1);
        return Except(Erode(thickness));
    }

    /// <summary>The boundary as thick as Boundary IoU wants it.</summary>
    /// <param name="share">Of the image's diagonal; .02 in Cheng et al. 2021, "Boundary IoU", section 4. Rounded, at least 1 pixel.</param>
    public SegmentationMask Boundary(double share = 0.02)
    {
        if (!(share >= 0 && share <= 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "The thickness of a boundary is a share of the image's diagonal, 0 to 1.");
        return Boundary(Math.Max(1, (int)Math.Round(share * double.Hypot(Width, Height))));
    }

    /// <summary>
    /// The pixels inside that have a pixel outside within <paramref name="thickness"/> in their own row or column: a line as thin
    /// along slants as along the axes, where the boundary makes stairs.
    /// </summary>
    internal SegmentationMask Rim(int thickness) =>
        Except(AlongColumns(-Math.Min(thickness, Height)).Intersect(AlongRows(Math.Min(thickness, Width), InBoth)));

    // Moves both ends of every run, cut at the borders of columns, outwards by that many pixels (inwards if negative).
    private SegmentationMask AlongColumns(int outwards)
    {
        var runs = new RunBuilder(_ends.Length);
        foreach (ColumnRun run in ColumnRuns())
        {
            int start = run.Start - outwards, end = run.End + outwards;
            if (outwards > 0)
                (start, end) = (Math.Max(start, 0), Math.Min(end, Height));
            if (start < end)
                runs.Add(run.Column * Height + start, run.Column * Height + end);
        }
        return new(Width, Height, runs.Build(Width * Height));
    }

    private SegmentationMask AlongRows(int radius, int cases)
    {
        int[] toTheRight = Smear(radius, 1, cases), toTheLeft = Smear(radius, -1, cases);
        return new(Width, Height, Combine(toTheRight, toTheLeft, cases));
    }

    // The mask combined with itself shifted by 1, 2, ... radius columns. A mask combined over n columns and shifted by up to
    // n gives the one combined over up to twice as many.
    private int[] Smear(int radius, int direction, int cases)
    {
        int[] combined = _ends;
        for (int columns = 1; columns < radius + 1;)
        {
            int step = Math.Min(columns, radius + 1 - columns);
            combined = Combine(combined, Shift(combined, direction * step * Height), cases);
            columns += step;
        }
        return combined;
    }

    // Moves runs along the pixels; what leaves the image is lost, and what comes in is outside.
    private static int[] Shift(ReadOnlySpan<int> ends, int by)
    {
        int size = ends[^1];
        var runs = new RunBuilder(ends.Length + 1);
        for (int i = 1; i < ends.Length; i += 2)
        {
            int start = Math.Max(ends[i - 1] + by, 0), end = Math.Min(ends[i] + by, size);
            if (start < end)
                runs.Add(start, end);
        }
        return runs.Build(size);
    }
}
