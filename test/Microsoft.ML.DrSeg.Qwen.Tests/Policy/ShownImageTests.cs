using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class ShownImageTests
{
    private static RgbImage Image(int width, int height)
    {
        var image = new RgbImage(width, height);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                (image.Pixels[3 * (y * width + x)], image.Pixels[3 * (y * width + x) + 1]) = ((byte)x, (byte)y);
        return image;
    }

    [TestCase(100, 60)]
    [TestCase(60, 100)]
    [TestCase(50, 50)]
    public void AFirstLookShowsTheImageItself(int width, int height)
    {
        RgbImage image = Image(width, height);
        var shown = ShownImage.Of(ImageView.Whole(image));
        Assert.That(shown.Image, Is.SameAs(image));
        Assert.That((shown.Left, shown.Top, shown.IsWhole), Is.EqualTo((0, 0, true)));
    }

    [Test]
    public void ACloserLookShowsWhatTheImageHasOfTheRegionWithTheOutlineOnIt()
    {
        RgbImage image = Image(200, 120);
        var mask = SegmentationMask.FromBox(new BoundingBox(20, 80, 60, 110), 200, 120);
        var shown = ShownImage.Of(ImageView.Around(image, new BoundingBox(20, 80, 60, 110), mask));
        // Twice the longer side about (40, 95) is 0..80 by 55..135, of which the image has 65 rows.
        Assert.That((shown.Left, shown.Top, shown.Image.Width, shown.Image.Height, shown.IsWhole), Is.EqualTo((0, 55, 80, 65, false)));
        byte[] Pixel(int x, int y) => shown.Image.Pixels[(3 * (y * 80 + x))..(3 * (y * 80 + x) + 3)];
        Assert.That(Pixel(40, 40), Is.EqualTo(new byte[] { 40, 95, 0 }), "inside");
        Assert.That(Pixel(70, 10), Is.EqualTo(new byte[] { 70, 65, 0 }), "outside");
        Assert.That(Pixel(20, 40), Is.EqualTo(new byte[] { 255, 230, 0 }), "on the outline");
        Assert.That(image.Pixels[3 * (95 * 200 + 20)], Is.EqualTo(20), "the image itself stays as it is");
    }

    [Test]
    public void ObjectsComeBackToWhereTheyAre()
    {
        var shown = ShownImage.Of(ImageView.Around(Image(200, 120), new BoundingBox(120, 40, 160, 70), SegmentationMask.Empty(200, 120)));
        var one = new SegmentedObject(new BoundingBox(125, 45, 155, 66), new PixelPoint(140, 55));
        Assert.That(shown.Left, Is.Positive);
        Assert.That(shown.ToWhole(shown.ToShown(one)), Is.EqualTo(one));
        Assert.That(shown.ToShown(one).Box.X0, Is.EqualTo(125 - shown.Left));
    }

    [Test]
    public void ACloserLookIsShownWithAsManyPixelsAsTheWholeImage()
    {
        var processing = new ImageProcessing(14, 2, 2, 3136, 200_704, [.5f, .5f, .5f], [.5f, .5f, .5f], ResamplingFilter.Bicubic);
        var shown = ShownImage.Of(ImageView.Around(Image(640, 480), new BoundingBox(100, 100, 150, 150), SegmentationMask.Empty(640, 480)));
        var sizing = new SmartSizing();
        ImageSize whole = sizing.Of(new(640, 480), processing), closer = shown.SizingOf(sizing, processing).Of(shown.Size, processing);
        Assert.That(shown.Size, Is.EqualTo(new ImageSize(100, 100)));
        Assert.That((double)closer.Width * closer.Height / (whole.Width * whole.Height), Is.EqualTo(1).Within(0.15));
        Assert.That(shown.SizingOf(new FixedSizing(new(84, 84)), processing), Is.EqualTo(new FixedSizing(new(84, 84))));
    }
}
