using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using SkiaSharp;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>Several pictures as one, such as rows of a data set: each image small, with its masks and boxes.</summary>
internal static class ContactSheet
{
    private const int Cell = 240, Gap = 8, Columns = 4;

    // Tiles are painted larger than they are shown, so that outlines come out thin and smooth.
    private const float Fineness = 2;

    private static readonly RgbColor[] Colours = [RgbColor.Teal, RgbColor.Orange, RgbColor.Violet];

    public static RgbImage Draw(IReadOnlyList<AnnotatedQuery> rows) => Arranged(rows.Count, row => Painted(rows[row]), Cell, Fineness);

    /// <summary>Pictures at their own size, side by side.</summary>
    public static RgbImage Tiles(IReadOnlyList<RgbImage> pictures) => Arranged(pictures.Count, i => pictures[i], pictures.Max(picture => Math.Max(picture.Width, picture.Height)), fineness: 1);

    private static RgbImage Arranged(int count, Func<int, RgbImage> tileOf, int cell, float fineness)
    {
        int lines = (count + Columns - 1) / Columns;
        using SKBitmap sheet = new RgbImage(Columns * (cell + Gap) + Gap, Math.Max(1, lines) * (cell + Gap) + Gap).ToBitmap();
        using var canvas = new SKCanvas(sheet);
        using var smooth = new SKPaint { FilterQuality = SKFilterQuality.Medium };
        for (int i = 0; i < count; i++)
        {
            using SKBitmap tile = tileOf(i).ToBitmap();
            int x = Gap + i % Columns * (cell + Gap), y = Gap + i / Columns * (cell + Gap);
            canvas.DrawBitmap(tile, SKRect.Create(x, y, tile.Width / fineness, tile.Height / fineness), smooth);
        }
        return RgbImage.FromBitmap(sheet);
    }

    private static RgbImage Painted(AnnotatedQuery row)
    {
        var image = RgbImage.Load(row.ImagePath, (row.Mask.Width, row.Mask.Height));
        var overlay = new Overlay(image, Fineness * Cell / Math.Max(image.Width, image.Height));
        for (int i = 0; i < row.Objects.Count; i++)
        {
            AnnotatedObject seen = row.Objects[i];
            if (seen.Mask is { } mask)
                overlay.Fill(mask, Colours[i % Colours.Length], 0.5).Outline(mask, RgbColor.White);
            if (seen.Mask is null || seen.Traits.HasFlag(ObjectTraits.Group))
                overlay.Box(seen.Box, RgbColor.Yellow);
        }
        return overlay.Image;
    }
}
