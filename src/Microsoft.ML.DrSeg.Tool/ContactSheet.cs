using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.Reporting;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>Rows of a data set as one picture: each image small, with its masks and boxes.</summary>
internal static class ContactSheet
{
    private const int Cell = 240, Gap = 8, Columns = 4;
    private static readonly RgbColor[] Colours = [RgbColor.Teal, RgbColor.Orange, RgbColor.Violet];

    public static RgbImage Draw(IReadOnlyList<AnnotatedQuery> rows)
    {
        int lines = (rows.Count + Columns - 1) / Columns;
        var sheet = new RgbImage(Columns * (Cell + Gap) + Gap, Math.Max(1, lines) * (Cell + Gap) + Gap);
        for (int i = 0; i < rows.Count; i++)
            Paste(Small(Painted(rows[i])), sheet, Gap + i % Columns * (Cell + Gap), Gap + i / Columns * (Cell + Gap));
        return sheet;
    }

    private static RgbImage Painted(AnnotatedQuery row)
    {
        var overlay = new Overlay(RgbImage.Load(row.ImagePath));
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

    private static RgbImage Small(RgbImage image)
    {
        double scale = Math.Min(1, (double)Cell / Math.Max(image.Width, image.Height));
        int width = Math.Max(1, (int)(image.Width * scale)), height = Math.Max(1, (int)(image.Height * scale));
        return scale == 1 ? image : new(width, height, RegionSampler.Shrink(image.Pixels, 3, image.Width, image.Height, width, height));
    }

    private static void Paste(RgbImage from, RgbImage to, int left, int top)
    {
        for (int y = 0; y < from.Height; y++)
            from.Pixels.AsSpan(3 * y * from.Width, 3 * from.Width).CopyTo(to.Pixels.AsSpan(3 * ((top + y) * to.Width + left)));
    }
}
