using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// Where ML.NET's <c>ResizeImages</c> draws an image within the size asked for, to the pixel: computed as it does, in single
/// precision and with fractions cut off. A crop reaches beyond the size on both sides, padding leaves some of it free.
/// </summary>
/// <param name="Left">Column of the drawn image's left border; negative where a crop cuts there.</param>
/// <param name="Top">Row of its upper border; negative where a crop cuts there.</param>
/// <param name="Width">Columns of the whole drawn image; 0 where nothing of it is left.</param>
/// <param name="Height">Rows of it; 0 where nothing of it is left.</param>
internal readonly record struct ResizedPlacement(int Left, int Top, int Width, int Height)
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

    /// <summary>A point of the resized image in pixels of the original.</summary>
    /// <param name="point">In pixels of the resized image.</param>
    /// <param name="width">The original's.</param>
    /// <param name="height">The original's.</param>
    public PixelPoint ToOriginal(PixelPoint point, int width, int height) =>
        new((point.X - Left) * width / Math.Max(1, Width), (point.Y - Top) * height / Math.Max(1, Height));
}
