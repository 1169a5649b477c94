using System.Text;
using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Masks;

// To and from what others write: PNG files, COCO's run lengths, and polygons.
public sealed partial class SegmentationMask
{
    /// <summary>
    /// Reads a PNG: every pixel is inside that is neither black nor wholly transparent. Of a palette, whose order is the writer's
    /// choice, the colours count; where they are black all alike, place 0 is outside.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is no PNG, damaged, interlaced, or has colours of 16 bits; or it shows several colours of a palette, none of them black.
    /// </exception>
    public static SegmentationMask LoadPng(string path)
    {
        var map = LabelMap.LoadPng(path);
        ReadOnlySpan<int> labels = map.Labels;
        int[]? palette = map.Palette is { } colours && Array.Exists(colours, colour => colour != 0) ? colours : null;
        bool[] inside = new bool[labels.Length];
        for (int i = 0; i < inside.Length; i++)
            inside[i] = palette is null ? labels[i] != 0 : labels[i] < palette.Length && palette[labels[i]] != 0;
        return palette is null || !labels.ContainsAnyExcept(labels[0]) || inside.AsSpan().Contains(false)
            ? FromPixels(inside, map.Width, map.Height)
            : throw new InvalidDataException($"The file '{path}' cannot be read as a mask: it shows several colours of a palette, none of them black, so that nothing says which is outside. Save it in black and white.");
    }

    /// <summary>Writes a PNG of one bit a pixel: white inside, black outside.</summary>
    public void SavePng(string path) => File.WriteAllBytes(path, ToPng());

    /// <summary>The mask as the bytes of a PNG file of one bit a pixel: white inside, black outside.</summary>
    public byte[] ToPng()
    {
        int stride = PngFormat.Grey1.Stride(Width);
        byte[] rows = new byte[stride * Height];
        foreach (ColumnRun run in ColumnRuns())
            for (int y = run.Start; y < run.End; y++)
                rows[y * stride + run.Column / 8] |= (byte)(0x80 >> run.Column % 8);
        return PngLabelEncoder.Encode(rows, Width, Height, PngFormat.Grey1);
    }

    // COCO's two written forms of a mask: the run lengths as numbers, and the same as printable characters.

    private const int GroupBits = 5, SignBit = 1 << (GroupBits - 1), MoreBit = 1 << GroupBits, FirstCharacter = 48;

    // Seven groups of five bits hold any 32-bit number.
    private const int MostGroups = 7;

    /// <summary>The mask of run lengths: the uncompressed <c>counts</c> of an annotation whose <c>size</c> is [height, width].</summary>
    /// <param name="runs">Lengths of alternating runs, outside first, column by column; they add up to width x height.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <exception cref="ArgumentException">A run is negative, or the runs add up to another number of pixels.</exception>
    public static SegmentationMask FromRunLengths(ReadOnlySpan<int> runs, int width, int height)
    {
        var reader = new RunReader(CheckedSize(width, height), runs.Length);
        foreach (int run in runs)
            reader.Add(run);
        return new(width, height, reader.Build(width, height));
    }

    /// <summary>The mask of compressed run lengths: a <c>counts</c> text of an annotation whose <c>size</c> is [height, width].</summary>
    /// <param name="text">As <see cref="ToCompressedRunLengths"/> writes it.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <exception cref="ArgumentException">Not such a text, or its runs add up to another number of pixels; the message says where.</exception>
    public static SegmentationMask FromCompressedRunLengths(ReadOnlySpan<char> text, int width, int height)
    {
        var reader = new RunReader(CheckedSize(width, height), text.Length);
        long twoBefore = 0, before = 0;
        for (int at = 0; at < text.Length;)
        {
            long value = ReadNumber(text, ref at);
            if (reader.Count > 2)
                value += twoBefore;
            reader.Add(value);
            (twoBefore, before) = (before, value);
        }
        return new(width, height, reader.Build(width, height));
    }

    /// <summary>The lengths of alternating runs, outside first, column by column: COCO's uncompressed <c>counts</c>.</summary>
    public int[] ToRunLengths()
    {
        int[] runs = new int[_ends.Length];
        for (int i = 0; i < runs.Length; i++)
            runs[i] = RunLength(i);
        return runs;
    }

    /// <summary>
    /// The run lengths as COCO's tools compress them: the `counts` of an annotation whose `size` is [Height, Width].
    /// </summary>
    /// <remarks>
    /// From the fourth run on, the difference to the run two before is written instead of the run; each number in groups of
    /// five bits, the lowest first, a sixth bit saying whether more follow, and 48 added to make it a printable character.
    /// Runs 6, 1, 40, 4, 5, 4, 5, 4, 21 read <c>61X13mN000`0</c>.
    /// </remarks>
    public string ToCompressedRunLengths()
    {
        var text = new StringBuilder();
        for (int i = 0; i < _ends.Length; i++)
        {
            int value = RunLength(i) - (i > 2 ? RunLength(i - 2) : 0);
            while (true)
            {
                int group = value & (MoreBit - 1);
                value >>= GroupBits;
                // Done when what is left is only copies of the sign bit.
                bool done = (group & SignBit) != 0 ? value == -1 : value == 0;
                text.Append((char)(FirstCharacter + group + (done ? 0 : MoreBit)));
                if (done)
                    break;
            }
        }
        return text.ToString();
    }

    private static long ReadNumber(ReadOnlySpan<char> text, ref int at)
    {
        int first = at;
        long value = 0;
        for (int shift = 0; ; shift += GroupBits)
        {
            if (at == text.Length)
                throw new ArgumentException($"The compressed run lengths end within the number at place {first}: the text is cut off.", nameof(text));
            if (at - first == MostGroups)
                throw new ArgumentException($"The number at place {first} of the compressed run lengths is longer than any run: the text is damaged.", nameof(text));
            int group = text[at] - FirstCharacter;
            if (group is < 0 or >= 2 * MoreBit)
                throw new ArgumentException($"The character '{text[at]}' at place {at} of the compressed run lengths is none of theirs ('0' to 'o').", nameof(text));
            at++;
            value |= (long)(group & (MoreBit - 1)) << shift;
            if ((group & MoreBit) == 0)
                return (group & SignBit) != 0 ? value | -1L << (shift + GroupBits) : value;
        }
    }

    private int RunLength(int place) => _ends[place] - (place > 0 ? _ends[place - 1] : 0);

    /// <summary>Adds up run lengths that came from outside.</summary>
    private struct RunReader(int size, int capacity)
    {
        private readonly RunBuilder _runs = new(Math.Min(size, capacity));
        private long _at;

        public int Count { get; private set; }

        public void Add(long run)
        {
            if (run < 0)
                throw new ArgumentException($"Run {Count} is {run}; the length of a run is 0 or more.", nameof(run));
            if (run > size - _at)
                throw new ArgumentException($"Run {Count} of {run} pixels goes beyond the image: the runs before it take up {_at} of its {size} pixels.", nameof(run));
            _at += run;
            Count++;
            if (_at < size)
                _runs.Toggle((int)_at);
        }

        public readonly int[] Build(int width, int height) => _at == size
            ? _runs.Build(size)
            : throw new ArgumentException($"The {Count} runs add up to {_at} pixels, but an image of {width} x {height} has {size}.");
    }

    // Polygons as COCO's tools round them, computed column by column instead of walking the outline.

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
