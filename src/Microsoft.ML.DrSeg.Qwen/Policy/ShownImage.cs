using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// What a model is shown of a view: the image itself on a first look, and on a closer one what the image has of the region, the
/// proposed mask's outline drawn on it.
/// </summary>
/// <param name="Image">What is shown, before it is resized.</param>
/// <param name="Left">Column of the whole image where it begins, in pixels.</param>
/// <param name="Top">Row where it begins, in pixels.</param>
/// <param name="Whole">Size of the whole image.</param>
internal sealed record ShownImage(RgbImage Image, int Left, int Top, ImageSize Whole)
{
    private static readonly RgbColor OutlineColor = new(255, 230, 0);

    /// <summary>Whether it is the image itself.</summary>
    public bool IsWhole => Size == Whole;

    public ImageSize Size => new(Image.Width, Image.Height);

    public static ShownImage Of(ImageView view)
    {
        (RgbImage image, BoundingBox region) = (view.Image, view.Region);
        int left = Math.Clamp((int)MathF.Floor(region.X0), 0, image.Width - 1), right = Math.Clamp((int)MathF.Ceiling(region.X1), left + 1, image.Width);
        int top = Math.Clamp((int)MathF.Floor(region.Y0), 0, image.Height - 1), bottom = Math.Clamp((int)MathF.Ceiling(region.Y1), top + 1, image.Height);
        RgbImage drawn = view.Provisional is { Area: > 0 } mask ? new Overlay(image).Outline(mask, OutlineColor).Image : image;
        bool isWhole = (left, top, right, bottom) == (0, 0, image.Width, image.Height);
        return new ShownImage(isWhole ? drawn : Crop(drawn, left, top, right - left, bottom - top), left, top, new(image.Width, image.Height));
    }

    /// <summary>
    /// The size it is shown at. A closer view is enlarged to as many pixels as the whole image is shown with: at its own size it would show
    /// no more than the first look did.
    /// </summary>
    public ImageSizing SizingOf(ImageSizing sizing, ImageProcessing processing)
    {
        if (IsWhole || sizing is not SmartSizing smart) return sizing;
        ImageSize whole = smart.Of(Whole, processing);
        long pixels = (long)whole.Width * whole.Height;
        return smart with { MinPixels = pixels, MaxPixels = Math.Max(pixels, smart.MaxPixels ?? processing.MaxPixels) };
    }

    /// <summary>An object of the shown image in pixels of the whole one.</summary>
    public SegmentedObject ToWhole(SegmentedObject shown) => Moved(shown, Left, Top);

    /// <summary>An object of the whole image in pixels of the shown one; may lie outside of it.</summary>
    public SegmentedObject ToShown(SegmentedObject whole) => Moved(whole, -Left, -Top);

    private static SegmentedObject Moved(SegmentedObject one, float x, float y) => new(
        new BoundingBox(one.Box.X0 + x, one.Box.Y0 + y, one.Box.X1 + x, one.Box.Y1 + y), new PixelPoint(one.Point.X + x, one.Point.Y + y), one.Mask);

    private static RgbImage Crop(RgbImage image, int left, int top, int width, int height)
    {
        var crop = new RgbImage(width, height);
        for (int row = 0; row < height; row++)
            image.Pixels.AsSpan(3 * ((top + row) * image.Width + left), 3 * width).CopyTo(crop.Pixels.AsSpan(3 * row * width));
        return crop;
    }
}
