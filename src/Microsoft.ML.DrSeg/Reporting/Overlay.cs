using System.Runtime.Intrinsics;
using Microsoft.ML.DrSeg.Data;

namespace Microsoft.ML.DrSeg.Reporting;

/// <summary>
/// Paints masks, boxes, points and confidence maps over a copy of an image. Everything painted is given in the pixels of
/// the original image; a scale above 1 enlarges the copy first, so that lines stay fine on small images.
/// </summary>
public sealed class Overlay
{
    private readonly int _scale;
    private readonly int _stroke;

    /// <summary>Starts from an image, which is not changed.</summary>
    /// <param name="image">The image.</param>
    /// <param name="scale">How many times to enlarge it, at least 1.</param>
    public Overlay(RgbImage image, int scale = 1)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(scale, 1);
        _scale = scale;
        _stroke = (scale + 1) / 2;
        Image = Enlarge(image, scale);
    }

    /// <summary>The painted image, scale times the size of the original.</summary>
    public RgbImage Image { get; }

    /// <summary>Tints the pixels of a mask.</summary>
    /// <param name="mask">Of the original image's size.</param>
    /// <param name="color">The tint.</param>
    /// <param name="opacity">0 for nothing, 1 for the plain colour.</param>
    /// <exception cref="ArgumentException">The mask has another size than the image.</exception>
    public Overlay Fill(SegmentationMask mask, RgbColor color, double opacity = 0.4)
    {
        var inside = Unpack(mask);
        for (var y = 0; y < Image.Height; y++)
        {
            for (var x = 0; x < Image.Width; x++)
            {
                if (inside[y / _scale * mask.Width + x / _scale])
                    Blend(x, y, color, opacity);
            }
        }
        return this;
    }

    /// <summary>Draws the border of a mask, just inside it; the edge of the image is a border too.</summary>
    /// <param name="mask">Of the original image's size.</param>
    /// <param name="color">The line's colour.</param>
    /// <exception cref="ArgumentException">The mask has another size than the image.</exception>
    public Overlay Outline(SegmentationMask mask, RgbColor color)
    {
        var inside = Unpack(mask);
        for (var y = 0; y < Image.Height; y++)
        {
            for (var x = 0; x < Image.Width; x++)
            {
                if (Holds(x, y) && !(Holds(x - _stroke, y) && Holds(x + _stroke, y) && Holds(x, y - _stroke) && Holds(x, y + _stroke)))
                    Blend(x, y, color, 1);
            }
        }
        return this;

        bool Holds(int x, int y) =>
            x >= 0 && y >= 0 && x < Image.Width && y < Image.Height && inside[y / _scale * mask.Width + x / _scale];
    }

    /// <summary>Draws a box; what lies outside the image is not seen, and an empty box draws nothing.</summary>
    /// <param name="box">In pixels of the original image.</param>
    /// <param name="color">The line's colour.</param>
    public Overlay Box(BoundingBox box, RgbColor color)
    {
        if (box.IsEmpty)
            return this;
        var (left, top, right, bottom) = (Place(box.X0), Place(box.Y0), Place(box.X1), Place(box.Y1));
        for (var i = 0; i < _stroke; i++)
        {
            for (var x = Math.Max(left, 0); x < Math.Min(right, Image.Width); x++)
            {
                Blend(x, top + i, color, 1);
                Blend(x, bottom - 1 - i, color, 1);
            }
            for (var y = Math.Max(top, 0); y < Math.Min(bottom, Image.Height); y++)
            {
                Blend(left + i, y, color, 1);
                Blend(right - 1 - i, y, color, 1);
            }
        }
        return this;
    }

    /// <summary>Draws a point as a dot with a dark rim.</summary>
    /// <param name="point">In pixels of the original image; one that is not finite draws nothing.</param>
    /// <param name="color">The dot's colour.</param>
    public Overlay Point(PixelPoint point, RgbColor color)
    {
        if (!float.IsFinite(point.X) || !float.IsFinite(point.Y))
            return this;
        var (centreX, centreY) = (Place(point.X), Place(point.Y));
        var (dot, rim) = (1.5 * _stroke, 2.5 * _stroke);
        var reach = (int)Math.Ceiling(rim);
        for (var dy = -reach; dy <= reach; dy++)
        {
            for (var dx = -reach; dx <= reach; dx++)
            {
                var distance = double.Hypot(dx, dy);
                if (distance <= dot)
                    Blend(centreX + dx, centreY + dy, color, 1);
                else if (distance <= rim)
                    Blend(centreX + dx, centreY + dy, default, 0.75);
            }
        }
        return this;
    }

    /// <summary>Lays a confidence map over the image, dark where it is low and bright where it is high (<see cref="HeatScale"/>).</summary>
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
        for (var y = 0; y < Image.Height; y++)
        {
            var row = ((y + 0.5) / _scale - region.Y0) / region.Height * rows - 0.5;
            for (var x = 0; x < Image.Width; x++)
            {
                var column = ((x + 0.5) / _scale - region.X0) / region.Width * columns - 0.5;
                if (row >= -0.5 && column >= -0.5 && row < rows - 0.5 && column < columns - 0.5)
                    Blend(x, y, HeatScale.Color(Interpolate(map, columns, rows, column, row)), opacity);
            }
        }
        return this;
    }

    private static double Interpolate(ReadOnlySpan<float> map, int columns, int rows, double column, double row)
    {
        column = Math.Clamp(column, 0, columns - 1);
        row = Math.Clamp(row, 0, rows - 1);
        var (left, top) = ((int)column, (int)row);
        var (right, bottom) = (Math.Min(left + 1, columns - 1), Math.Min(top + 1, rows - 1));
        var upper = double.Lerp(map[top * columns + left], map[top * columns + right], column - left);
        var lower = double.Lerp(map[bottom * columns + left], map[bottom * columns + right], column - left);
        return double.Lerp(upper, lower, row - top);
    }

    private static RgbImage Enlarge(RgbImage image, int scale)
    {
        if (scale == 1)
            return new(image.Width, image.Height, (byte[])image.Pixels.Clone());
        var result = new RgbImage(checked(image.Width * scale), checked(image.Height * scale));
        using var sampler = new RegionSampler(
            image.Pixels, 3, image.Width, image.Height, new(0, 0, image.Width, image.Height), result.Width, result.Height);
        var line = new Vector128<float>[result.Width];
        var at = 0;
        for (var y = 0; y < result.Height; y++)
        {
            sampler.Read(y, line);
            for (var x = 0; x < line.Length; x++)
            {
                // At the rim part of the interpolation falls outside the image: share the rest.
                var color = line[x] / (sampler.InsideRows(y) * sampler.InsideColumns(x));
                for (var channel = 0; channel < 3; channel++)
                    result.Pixels[at++] = (byte)Math.Clamp(MathF.Round(255 * color[channel]), 0, 255);
            }
        }
        return result;
    }

    private bool[] Unpack(SegmentationMask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        if (mask.Width * _scale != Image.Width || mask.Height * _scale != Image.Height)
            throw new ArgumentException($"The mask is {mask.Width} x {mask.Height} pixels, but the image {Image.Width / _scale} x {Image.Height / _scale}.", nameof(mask));
        var inside = new bool[mask.Width * mask.Height];
        mask.CopyTo(inside);
        return inside;
    }

    private int Place(float coordinate) => (int)Math.Clamp(MathF.Round(coordinate * _scale), -1e6f, 1e6f);

    private void Blend(int x, int y, RgbColor color, double opacity)
    {
        if (x < 0 || y < 0 || x >= Image.Width || y >= Image.Height)
            return;
        var pixel = Image.Pixels.AsSpan(3 * (y * Image.Width + x), 3);
        var mixed = new RgbColor(pixel[0], pixel[1], pixel[2]).Towards(color, opacity);
        (pixel[0], pixel[1], pixel[2]) = (mixed.Red, mixed.Green, mixed.Blue);
    }
}
