using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Answers;

/// <summary>One object, answered or true: its box and point, and its mask where there is one.</summary>
/// <param name="Box">The box in pixels, half-open.</param>
/// <param name="Point">A point on the object, in pixels.</param>
/// <param name="Mask">The mask, of the image's size; null where only box and point are known.</param>
public readonly record struct SegmentedObject(BoundingBox Box, PixelPoint Point, SegmentationMask? Mask = null)
{
    internal bool IsInside(int width, int height) => Clamp(width, height) == this;

    /// <summary>Box and point moved into an image of that size, the point onto a pixel; the box is empty where nothing of it lies there.</summary>
    internal SegmentedObject Clamp(int width, int height) => this with
    {
        Box = Box.Clamp(width, height),
        Point = new(Point.X < width ? Math.Max(Point.X, 0) : width - 0.5f, Point.Y < height ? Math.Max(Point.Y, 0) : height - 0.5f),
    };

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
