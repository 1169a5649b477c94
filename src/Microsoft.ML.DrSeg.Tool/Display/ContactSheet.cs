using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using SkiaSharp;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>Rows of a data set as one picture: each image small, with its masks and boxes.</summary>
internal static class ContactSheet
{
    private const int Cell = 240, Gap = 8, Columns = 4;

    // Tiles are painted larger than they are shown, so that outlines come out thin and smooth.
    private const float Fineness = 2;

    private static readonly RgbColor[] Colours = [RgbColor.Teal, RgbColor.Orange, RgbColor.Violet];

    public static RgbImage Draw(IReadOnlyList<AnnotatedQuery> rows)
    {
        int lines = (rows.Count + Columns - 1) / Columns;
        using SKBitmap sheet = new RgbImage(Columns * (Cell + Gap) + Gap, Math.Max(1, lines) * (Cell + Gap) + Gap).ToBitmap();
        using var canvas = new SKCanvas(sheet);
        using var smooth = new SKPaint { FilterQuality = SKFilterQuality.Medium };
        for (int i = 0; i < rows.Count; i++)
        {
            using SKBitmap tile = Painted(rows[i]).ToBitmap();
            int x = Gap + i % Columns * (Cell + Gap), y = Gap + i / Columns * (Cell + Gap);
            canvas.DrawBitmap(tile, SKRect.Create(x, y, tile.Width / Fineness, tile.Height / Fineness), smooth);
        }
        return RgbImage.FromBitmap(sheet);
    }

    private static RgbImage Painted(AnnotatedQuery row)
    {
        var image = RgbImage.Load(row.ImagePath);
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
