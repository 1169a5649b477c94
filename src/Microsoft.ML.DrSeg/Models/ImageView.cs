using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Models;

/// <summary>
/// What a policy is shown: a square region of an image, at the policy's own resolution whatever the region's size,
/// and, on a second look, the mask proposed by the first.
/// </summary>
/// <param name="Image">The image at its original resolution.</param>
/// <param name="Region">Square region in pixels of the image; may reach beyond its border.</param>
/// <param name="Provisional">The mask proposed so far; null on a first look.</param>
public sealed record ImageView(RgbImage Image, BoundingBox Region, SegmentationMask? Provisional = null)
{
    // A second look shows the proposed object with as much around it as the object itself is large,
    // and never so little that the enlargement holds no more detail than the original.
    private const float Surroundings = 2f;
    private const float SmallestSide = 48f;

    /// <summary>The whole image, padded to a square about its centre.</summary>
    public static ImageView Whole(RgbImage image)
    {
        float side = Math.Max(image.Width, image.Height);
        return new ImageView(image, Square(image.Width / 2f, image.Height / 2f, side));
    }

    /// <summary>A closer view of the region around a proposed mask, for a second look.</summary>
    /// <param name="image">The image.</param>
    /// <param name="box">Box that the proposal was made from.</param>
    /// <param name="provisional">The proposed mask.</param>
    public static ImageView Around(RgbImage image, BoundingBox box, SegmentationMask provisional) =>
        new(image, SquareAround(box, Surroundings), provisional);

    internal static BoundingBox SquareAround(BoundingBox box, float surroundings)
    {
        float side = Math.Max(SmallestSide, surroundings * Math.Max(box.Width, box.Height));
        return Square((box.X0 + box.X1) / 2, (box.Y0 + box.Y1) / 2, side);
    }

    private static BoundingBox Square(float x, float y, float side) =>
        new(x - side / 2, y - side / 2, x + side / 2, y + side / 2);
}
