namespace Microsoft.ML.DrSeg.Data;

// Polygons as COCO's tools round them, computed column by column instead of walking the outline.
public sealed partial class SegmentationMask
{
    // COCO moves corners to a grid of fifths of a pixel; the centre of a pixel is its third fifth.
    private const int Fifths = 5, CentreFifth = 2;

    // Far more than any image, and few enough for exact arithmetic on the grid.
    private const double FarthestCorner = 1e8;

    /// <summary>
    /// The mask of an object outlined by polygons, pixel for pixel as COCO's tools make it: within a polygon by the even-odd
    /// rule, several polygons united.
    /// </summary>
    /// <remarks>
    /// Corners are rounded to fifths of a pixel and joined by lines on that grid, one grid point a step along the line's longer
    /// side. Where such a line passes the centre of a column of pixels, the upper one of the two grid points decides from
    /// which row on the column changes sides: the first whose centre is not above it. A column's rows are those of the
    /// pixel grid, and changes beyond the image are moved to its edge.
    /// </remarks>
    /// <param name="polygons">Each x0 y0 x1 y1 ... in pixels, at least three corners; corners may lie outside the image.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <exception cref="ArgumentException">A polygon has an odd number of coordinates, fewer than three corners, or one that is not finite or absurdly far away.</exception>
    public static SegmentationMask FromPolygons(IEnumerable<IReadOnlyList<double>> polygons, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(polygons);
        int size = CheckedSize(width, height);
        int[]? united = null;
        int number = 0;
        foreach (IReadOnlyList<double> polygon in polygons)
        {
            CheckCorners(polygon, number++);
            int[] ends = Rasterize(polygon, width, height, size);
            united = united is null ? ends : Combine(united, ends, InEither);
        }
        return new(width, height, united ?? [size]);
    }

    /// <summary>
    /// One polygon along the edges of pixels of which <see cref="FromPolygons"/> makes the mask again, bit for bit. It goes
    /// from the image's corner to each run of pixels, around it and back, so that the ways between them cancel.
    /// </summary>
    internal IEnumerable<(int X, int Y)> ToPolygon()
    {
        yield return (0, 0);
        foreach (ColumnRun run in ColumnRuns())
        {
            yield return (run.Column, run.Start);
            yield return (run.Column + 1, run.Start);
            yield return (run.Column + 1, run.End);
            yield return (run.Column, run.End);
            yield return (run.Column, run.Start);
            yield return (0, 0);
        }
    }

    private static void CheckCorners(IReadOnlyList<double> polygon, int number)
    {
        if (polygon.Count % 2 != 0 || polygon.Count < 6)
            throw new ArgumentException($"Polygon {number} has {polygon.Count} coordinates; expected x and y of at least three corners.", nameof(polygon));
        for (int i = 0; i < polygon.Count; i++)
            if (!(Math.Abs(polygon[i]) <= FarthestCorner))
                throw new ArgumentException($"Coordinate {i} of polygon {number} is {polygon[i]}; expected a finite number of pixels.", nameof(polygon));
    }

    private static int[] Rasterize(IReadOnlyList<double> polygon, int width, int height, int size)
    {
        var changes = new List<int>();
        (long x, long y) from = (ToGrid(polygon[^2]), ToGrid(polygon[^1]));
        for (int i = 0; i < polygon.Count; i += 2)
        {
            (long x, long y) to = (ToGrid(polygon[i]), ToGrid(polygon[i + 1]));
            AddChanges(from, to, width, height, changes);
            from = to;
        }
        changes.Sort();
        var runs = new RunBuilder(changes.Count);
        foreach (int at in changes)
            runs.Toggle(at);
        return runs.Build(size);
    }

    // The rows at which the columns change sides along one line. The line is passed over from its lower end on the axis along
    // which it is longer, so that a line and its reverse give the same.
    private static void AddChanges((long X, long Y) from, (long X, long Y) to, int width, int height, List<int> changes)
    {
        if (from.X == to.X)
            return; // passes no column
        bool wide = Math.Abs(to.X - from.X) >= Math.Abs(to.Y - from.Y);
        if (wide ? from.X > to.X : from.Y > to.Y)
            (from, to) = (to, from);
        double slope = wide ? (double)(to.Y - from.Y) / (to.X - from.X) : (double)(to.X - from.X) / (to.Y - from.Y);

        // The columns whose centre lies between the two ends.
        long left = Math.Min(from.X, to.X), right = Math.Max(from.X, to.X);
        long first = Math.Max(0, CeilingOfFifths(left)), last = Math.Min(width, CeilingOfFifths(right));
        for (long column = first; column < last; column++)
        {
            long centre = Fifths * column + CentreFifth;
            long upper;
            if (wide)
            {
                long steps = centre - from.X;
                upper = Math.Min(Round(from.Y + slope * steps), Round(from.Y + slope * (steps + 1)));
            }
            else
            {
                upper = from.Y + LastStepBefore(centre, from.X, slope);
            }
            long row = Math.Clamp(CeilingOfFifths(upper), 0, height);
            changes.Add((int)(column * height + row));
        }
    }

    // The last step down a steep line before its rounded x goes from one side of a column's centre to the other.
    private static long LastStepBefore(long centre, long x, double slope)
    {
        long steps = (long)((centre + 0.5 - x) / slope);
        bool rising = slope > 0;
        while (Passed(steps))
            steps--;
        while (!Passed(steps + 1))
            steps++;
        return steps;

        bool Passed(long step) => rising ? Round(x + slope * step) > centre : Round(x + slope * step) <= centre;
    }

    // As a conversion to whole numbers cuts off: towards zero.
    private static long Round(double value) => (long)(value + 0.5);

    private static long ToGrid(double coordinate) => Round(coordinate * Fifths);

    // The first pixel whose centre is at or behind that place on the grid.
    private static long CeilingOfFifths(long place) => Math.DivRem(place + CentreFifth, Fifths, out long rest) - (rest < 0 ? 1 : 0);
}
