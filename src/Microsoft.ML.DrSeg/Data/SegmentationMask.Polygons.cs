namespace Microsoft.ML.DrSeg.Data;

public sealed partial class SegmentationMask
{
    /// <summary>
    /// The mask of an object outlined by polygons: a pixel belongs to it when its centre lies inside any of them, by the
    /// even-odd rule.
    /// </summary>
    /// <param name="polygons">Each x0 y0 x1 y1 ... in pixels, at least three corners; corners may lie outside the image.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <exception cref="ArgumentException">A polygon has an odd number of coordinates, fewer than three corners, or one that is not finite.</exception>
    public static SegmentationMask FromPolygons(IEnumerable<IReadOnlyList<double>> polygons, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(polygons);
        var pixels = new bool[width * height];
        var crossings = new List<double>();
        foreach (IReadOnlyList<double> polygon in polygons)
        {
            if (polygon.Count % 2 != 0 || polygon.Count < 6 || !polygon.All(double.IsFinite))
                throw new ArgumentException($"A polygon has {polygon.Count} coordinates; expected x and y of at least three corners, all finite.", nameof(polygons));
            for (int y = 0; y < height; y++)
            {
                Cross(polygon, y + 0.5, crossings);
                for (int i = 0; i + 1 < crossings.Count; i += 2)
                {
                    int from = (int)Math.Clamp(Math.Ceiling(crossings[i] - 0.5), 0, width);
                    int to = (int)Math.Clamp(Math.Ceiling(crossings[i + 1] - 0.5), 0, width);
                    pixels.AsSpan(y * width + from, Math.Max(0, to - from)).Fill(true);
                }
            }
        }
        return FromPixels(pixels, width, height);
    }

    // Where a row's centre line meets the outline, from left to right; half-open, so that a corner counts once.
    private static void Cross(IReadOnlyList<double> polygon, double y, List<double> crossings)
    {
        crossings.Clear();
        for (int i = 0; i < polygon.Count; i += 2)
        {
            int next = (i + 2) % polygon.Count;
            double x0 = polygon[i], y0 = polygon[i + 1], x1 = polygon[next], y1 = polygon[next + 1];
            if (y0 <= y != y1 <= y)
                crossings.Add(x0 + (y - y0) / (y1 - y0) * (x1 - x0));
        }
        crossings.Sort();
    }
}
