namespace Microsoft.ML.DrSeg.Data;

// Areas shared by two masks, and where a mask lies: computed from runs.
public sealed partial class SegmentationMask
{
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
}
