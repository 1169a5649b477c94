using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Answers;

/// <summary>One object, answered or true: its box and point, and its mask where there is one.</summary>
/// <param name="Box">The box in pixels, half-open.</param>
/// <param name="Point">A point on the object, in pixels.</param>
/// <param name="Mask">The mask, of the image's size; null where only box and point are known.</param>
public readonly record struct SegmentedObject(BoundingBox Box, PixelPoint Point, SegmentationMask? Mask = null)
{
    /// <summary>Box and point moved into an image of that size: what lies outside comes to the nearest edge, where a box keeps a pixel.</summary>
    internal SegmentedObject Clamp(int width, int height)
    {
        (float x0, float x1) = Within(Box.X0, Box.X1, width);
        (float y0, float y1) = Within(Box.Y0, Box.Y1, height);
        return this with
        {
            Box = new(x0, y0, x1, y1),
            Point = new(Point.X < width ? Math.Max(Point.X, 0) : width - 1, Point.Y < height ? Math.Max(Point.Y, 0) : height - 1),
        };

        static (float, float) Within(float near, float far, int side) =>
            (Math.Clamp(near, 0, side), Math.Clamp(far, 0, side)) is var (from, to) && to > from ? (from, to) : (Math.Clamp(near, 0, side - 1), Math.Clamp(near, 0, side - 1) + 1);
    }

    internal bool IsFinite => float.IsFinite(Box.Area) && float.IsFinite(Box.X0) && float.IsFinite(Box.Y0) && float.IsFinite(Box.X1) && float.IsFinite(Box.Y1)
        && float.IsFinite(Point.X) && float.IsFinite(Point.Y);

    /// <summary>The object that a mask shows: the mask's own box, and a point well inside.</summary>
    /// <param name="mask">A mask with at least one pixel.</param>
    /// <exception cref="ArgumentException">The mask is empty: it shows no object.</exception>
    public static SegmentedObject Of(SegmentationMask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        if (mask.Area == 0)
            throw new ArgumentException("The mask is empty; leave the object out of the list instead.", nameof(mask));
        return new(mask.Box, mask.InteriorPoint, mask);
    }
}
