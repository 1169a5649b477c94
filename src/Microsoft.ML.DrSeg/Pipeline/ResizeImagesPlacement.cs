using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// Where ML.NET's <c>ResizeImages</c> draws an image within the size asked for, to the pixel: computed as it does, in single
/// precision and with fractions cut off.
/// </summary>
internal static class ResizeImagesPlacement
{
    public static ResizedPlacement Of(
        int sourceWidth, int sourceHeight, int width, int height, ImageResizingEstimator.ResizingKind resizing, ImageResizingEstimator.Anchor anchor)
    {
        if (resizing == ImageResizingEstimator.ResizingKind.Fill || (sourceWidth == width && sourceHeight == height))
            return new(0, 0, width, height);
        float across = (float)width / sourceWidth, down = (float)height / sourceHeight;
        bool isCrop = resizing == ImageResizingEstimator.ResizingKind.IsoCrop;
        bool fitsByHeight = isCrop ? down >= across : down < across;
        float scale = fitsByHeight ? down : across;
        (int left, int top) = fitsByHeight
            ? (Offset(width - sourceWidth * scale, ImageResizingEstimator.Anchor.Left, ImageResizingEstimator.Anchor.Right), 0)
            : (0, Offset(height - sourceHeight * scale, ImageResizingEstimator.Anchor.Top, ImageResizingEstimator.Anchor.Bottom));
        return new(left, top, (int)(sourceWidth * scale), (int)(sourceHeight * scale));

        int Offset(float spare, ImageResizingEstimator.Anchor near, ImageResizingEstimator.Anchor far) =>
            isCrop && anchor == near ? 0 : isCrop && anchor == far ? (int)spare : (int)(spare / 2);
    }
}
