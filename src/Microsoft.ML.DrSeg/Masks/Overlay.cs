using System.Runtime.InteropServices;
using Microsoft.ML.DrSeg.Imaging;
using SkiaSharp;

namespace Microsoft.ML.DrSeg.Masks;

/// <summary>
/// Paints masks, boxes, points and confidence maps over a copy of an image. Everything painted is given in the pixels of
/// the original image; the copy may be larger or smaller, and lines are drawn as fine as its pixels allow.
/// </summary>
public sealed class Overlay
{
    private readonly int _imageWidth, _imageHeight, _stroke;
    private readonly double _scale;
    private readonly SKImageInfo _info;
    private readonly byte[] _pixels;

    /// <summary>Starts from an image, which is not changed.</summary>
    /// <param name="image">The image.</param>
    /// <param name="scale">How many times to enlarge it; below 1 shrinks it.</param>
    public Overlay(RgbImage image, double scale = 1)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (!(scale > 0 && double.IsFinite(scale)))
            throw new ArgumentOutOfRangeException(nameof(scale), scale, "An image is enlarged by a number above 0.");
        (_imageWidth, _imageHeight, _scale, _stroke) = (image.Width, image.Height, scale, Math.Max(1, (int)((scale + 1) / 2)));
        _info = new(Scaled(image.Width), Scaled(image.Height), SKColorType.Rgba8888, SKAlphaType.Opaque);
        _pixels = new byte[checked(_info.RowBytes * _info.Height)];
        using SKBitmap original = image.ToBitmap();
        Draw(default, 1, (canvas, paint) =>
        {
            paint.FilterQuality = SKFilterQuality.High;
            canvas.DrawBitmap(original, _info.Rect, paint);
        });
    }

    /// <summary>A copy of what is painted so far, scale times the size of the original.</summary>
    public RgbImage Image => RgbImage.FromFourChannels(_pixels, _info.Width, _info.Height);

    /// <summary>Tints the pixels of a mask.</summary>
    /// <param name="mask">Of the original image's size.</param>
    /// <param name="color">The tint.</param>
    /// <param name="opacity">0 for nothing, 1 for the plain colour.</param>
    /// <exception cref="ArgumentException">The mask has another size than the image.</exception>
    public Overlay Fill(SegmentationMask mask, RgbColor color, double opacity = 0.4) => Tint(Fit(mask), color, opacity);

    /// <summary>Draws the border of a mask, just inside it; the edge of the image is a border too.</summary>
    /// <param name="mask">Of the original image's size.</param>
    /// <param name="color">The line's colour.</param>
    /// <exception cref="ArgumentException">The mask has another size than the image.</exception>
    public Overlay Outline(SegmentationMask mask, RgbColor color) => Tint(Fit(mask).Rim(_stroke), color, 1);

    /// <summary>Draws a box; what lies outside the image is not seen, and an empty box draws nothing.</summary>
    /// <param name="box">In pixels of the original image.</param>
    /// <param name="color">The line's colour.</param>
    public Overlay Box(BoundingBox box, RgbColor color)
    {
        if (box.IsEmpty)
            return this;
        var lines = SKRect.Inflate(new(Place(box.X0), Place(box.Y0), Place(box.X1), Place(box.Y1)), -_stroke / 2f, -_stroke / 2f);
        return Draw(color, 1, (canvas, paint) =>
        {
            (paint.Style, paint.StrokeWidth) = (SKPaintStyle.Stroke, _stroke);
            canvas.DrawRect(lines, paint);
        });

        // On whole pixels, and within what Skia can count.
        float Place(float coordinate) => (float)Math.Clamp(Math.Round(coordinate * _scale), -1e6, 1e6);
    }

    /// <summary>Draws a point as a dot with a dark rim.</summary>
    /// <param name="point">In pixels of the original image; one that is not finite draws nothing.</param>
    /// <param name="color">The dot's colour.</param>
    public Overlay Point(PixelPoint point, RgbColor color)
    {
        if (!float.IsFinite(point.X) || !float.IsFinite(point.Y))
            return this;
        Disc(default, 0.75, 2.5f);
        return Disc(color, 1, 1.5f);

        Overlay Disc(RgbColor color, double opacity, float strokes) => Draw(color, opacity, (canvas, paint) =>
        {
            paint.IsAntialias = true;
            canvas.DrawCircle((float)(point.X * _scale), (float)(point.Y * _scale), strokes * _stroke, paint);
        });
    }

    /// <summary>Lays a confidence map over the image, from dark blue where it is low through magenta to bright yellow where it is high.</summary>
    /// <param name="map">Row-major values in [0, 1]; values outside are clamped.</param>
    /// <param name="columns">Columns of the map.</param>
    /// <param name="rows">Rows of the map.</param>
    /// <param name="region">Where the map lies, in pixels of the original image.</param>
    /// <param name="opacity">0 for nothing, 1 to hide the image.</param>
    /// <exception cref="ArgumentException">The map is not columns x rows long, or has a value that is NaN.</exception>
    public Overlay Heat(ReadOnlySpan<float> map, int columns, int rows, BoundingBox region, double opacity = 0.65)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        if (map.Length != (long)columns * rows)
            throw new ArgumentException($"A map of {columns} x {rows} has {(long)columns * rows} values, not {map.Length}.", nameof(map));
        if (map.ContainsAny(float.NaN, -float.NaN))
            throw new ArgumentException("The map holds a value that is NaN.", nameof(map));
        if (region.IsEmpty)
            return this;
        using var colors = new SKBitmap(columns, rows) { Pixels = [.. map.ToArray().Select(value => HeatScale.Color(value).ToSkia())] };
        var place = new SKRect((float)(region.X0 * _scale), (float)(region.Y0 * _scale), (float)(region.X1 * _scale), (float)(region.Y1 * _scale));
        return Draw(default, opacity, (canvas, paint) =>
        {
            paint.FilterQuality = SKFilterQuality.Low;
            canvas.DrawBitmap(colors, place, paint);
        });
    }

    private int Scaled(int side) => Math.Max(1, checked((int)Math.Round(side * _scale)));

    private SegmentationMask Fit(SegmentationMask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        return mask.Width == _imageWidth && mask.Height == _imageHeight
            ? mask.Resize(_info.Width, _info.Height)
            : throw new ArgumentException($"The mask is {mask.Width} x {mask.Height} pixels, but the image {_imageWidth} x {_imageHeight}.", nameof(mask));
    }

    private Overlay Tint(SegmentationMask mask, RgbColor color, double opacity)
    {
        Span<byte> alpha = new byte[_info.Width * _info.Height];
        mask.CopyTo(MemoryMarshal.Cast<byte, bool>(alpha));
        alpha.Replace((byte)1, byte.MaxValue);
        using var inside = SKImage.FromPixelCopy(new SKImageInfo(_info.Width, _info.Height, SKColorType.Alpha8), alpha);
        return Draw(color, opacity, (canvas, paint) => canvas.DrawImage(inside, 0, 0, paint));
    }

    // Skia draws on our own bytes, so that nothing is left to dispose between two calls.
    private unsafe Overlay Draw(RgbColor color, double opacity, Action<SKCanvas, SKPaint> draw)
    {
        fixed (byte* pixels = _pixels)
        {
            using var surface = SKSurface.Create(_info, (nint)pixels);
            using var paint = new SKPaint { Color = color.ToSkia(opacity) };
            draw(surface.Canvas, paint);
        }
        return this;
    }
}
