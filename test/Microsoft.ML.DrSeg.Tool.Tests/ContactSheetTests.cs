using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tool.Tests;

public class ContactSheetTests
{
    private const int Tile = 240, Step = 248, Gap = 8;

    // Grey images of all kinds of size, an object with a mask in their left half and one with a box alone in the right one.
    [Test]
    public void ATileShowsAnImageWithItsObjects()
    {
        using var folder = new TemporaryFolder();
        AnnotatedQuery Row(int width, int height)
        {
            var image = new RgbImage(width, height);
            Array.Fill(image.Pixels, (byte)100);
            string path = folder.File($"{width}x{height}.png");
            image.Save(path);
            var left = SegmentationMask.FromBox(new(0, 0, width / 2, height), width, height);
            AnnotatedObject masked = new("1", left, left.Box, left.Area, ObjectTraits.None);
            AnnotatedObject boxed = new("2", null, new(width / 2, 0, width, height), left.Area, ObjectTraits.None);
            return new(path, path, "thing", new("1", "thing"), left, [masked, boxed], QueryTraits.None);
        }
        RgbImage sheet = ContactSheet.Draw([Row(480, 480), Row(1200, 600), Row(60, 120), Row(37, 37), Row(3000, 1000)]);

        Assert.That((sheet.Width, sheet.Height), Is.EqualTo((4 * Step + Gap, 2 * Step + Gap)));
        (int Width, int Height)[] sizes = [(Tile, Tile), (Tile, Tile / 2), (Tile / 2, Tile), (Tile, Tile), (Tile, Tile / 3)];
        for (int i = 0; i < sizes.Length; i++)
        {
            int left = Gap + i % 4 * Step, top = Gap + i / 4 * Step, middle = top + sizes[i].Height / 2;
            RgbColor tint = Pixel(left + sizes[i].Width / 4, middle), border = Pixel(left + sizes[i].Width - 1, middle);
            Assert.That(tint, Is.EqualTo(RgbColor.Teal.Towards(new(100, 100, 100), 0.5)).Using<RgbColor>(AreNear), $"the mask of tile {i}");
            Assert.That(Pixel(left + sizes[i].Width * 3 / 4, middle), Is.EqualTo(new RgbColor(100, 100, 100)).Using<RgbColor>(AreNear), $"inside the box of tile {i}");
            Assert.That(border.Red - border.Blue, Is.GreaterThan(40), $"the box's yellow line in tile {i}");
            Assert.That(Pixel(left, middle).Red, Is.GreaterThan(tint.Red + 40), $"the mask's white line in tile {i}");
            Assert.That(new[] { Pixel(left - 1, middle), Pixel(left + sizes[i].Width, middle), Pixel(left, top - 1), Pixel(left, top + sizes[i].Height) }, Is.All.EqualTo(default(RgbColor)), $"around tile {i}");
        }

        static bool AreNear(RgbColor one, RgbColor other) =>
            Math.Abs(one.Red - other.Red) <= 1 && Math.Abs(one.Green - other.Green) <= 1 && Math.Abs(one.Blue - other.Blue) <= 1;

        RgbColor Pixel(int x, int y)
        {
            ReadOnlySpan<byte> pixel = sheet.Pixels.AsSpan(3 * (y * sheet.Width + x), 3);
            return new(pixel[0], pixel[1], pixel[2]);
        }
    }
}
