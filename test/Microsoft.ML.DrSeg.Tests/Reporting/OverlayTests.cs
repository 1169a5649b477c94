using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.Reporting;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Reporting;

public class OverlayTests
{
    private static readonly RgbColor Red = new(255, 0, 0);

    private static RgbColor Pixel(RgbImage image, int x, int y)
    {
        var at = 3 * (y * image.Width + x);
        return new(image.Pixels[at], image.Pixels[at + 1], image.Pixels[at + 2]);
    }

    private static int Painted(RgbImage image) =>
        Enumerable.Range(0, image.Width * image.Height).Count(i => image.Pixels[3 * i] + image.Pixels[3 * i + 1] + image.Pixels[3 * i + 2] > 0);

    [Test]
    public void TheOriginalIsLeftAlone()
    {
        var image = new RgbImage(8, 8);
        new Overlay(image).Fill(SegmentationMask.FromBox(new(0, 0, 8, 8), 8, 8), Red);
        Assert.That(image.Pixels, Is.All.Zero);
    }

    [Test]
    public void FillTintsTheMaskAndNothingElse()
    {
        var painted = new Overlay(new RgbImage(8, 6)).Fill(SegmentationMask.FromBox(new(2, 1, 5, 3), 8, 6), Red, .4).Image;
        Assert.Multiple(() =>
        {
            Assert.That(Painted(painted), Is.EqualTo(6));
            Assert.That(Pixel(painted, 2, 1), Is.EqualTo(new RgbColor(102, 0, 0)));
            Assert.That(Pixel(painted, 5, 1), Is.EqualTo(default(RgbColor)));
        });
    }

    [Test]
    public void OutlineIsTheRimOfTheMask()
    {
        var painted = new Overlay(new RgbImage(10, 10)).Outline(SegmentationMask.FromBox(new(2, 2, 7, 7), 10, 10), Red).Image;
        Assert.Multiple(() =>
        {
            Assert.That(Painted(painted), Is.EqualTo(25 - 9));
            Assert.That(Pixel(painted, 2, 2), Is.EqualTo(Red));
            Assert.That(Pixel(painted, 4, 4), Is.EqualTo(default(RgbColor)));
        });
    }

    [Test]
    public void ABoxIsItsOwnRimAndMayLeaveTheImage()
    {
        var inside = new Overlay(new RgbImage(10, 10)).Box(new(2, 3, 6, 8), Red).Image;
        var beyond = new Overlay(new RgbImage(10, 10)).Box(new(-5, -5, 4, 4), Red).Image;
        var empty = new Overlay(new RgbImage(10, 10)).Box(new(4, 4, 4, 9), Red).Image;
        Assert.Multiple(() =>
        {
            Assert.That(Painted(inside), Is.EqualTo(4 * 5 - 2 * 3));
            Assert.That(Pixel(inside, 5, 7), Is.EqualTo(Red));
            Assert.That(Pixel(inside, 6, 8), Is.EqualTo(default(RgbColor)), "half-open");
            Assert.That(Painted(beyond), Is.EqualTo(7));
            Assert.That(Painted(empty), Is.Zero);
        });
    }

    [Test]
    public void AScaleEnlargesImageAndPaintAlike()
    {
        var image = new RgbImage(4, 4);
        Array.Fill(image.Pixels, (byte)90);
        var painted = new Overlay(image, 4).Fill(SegmentationMask.FromBox(new(1, 1, 2, 2), 4, 4), Red, 1).Image;
        Assert.Multiple(() =>
        {
            Assert.That((painted.Width, painted.Height), Is.EqualTo((16, 16)));
            Assert.That(Enumerable.Range(0, 256).Count(i => Pixel(painted, i % 16, i / 16) == Red), Is.EqualTo(16));
            Assert.That(Pixel(painted, 0, 0), Is.EqualTo(new RgbColor(90, 90, 90)), "the rim is not darkened");
            Assert.That(Pixel(painted, 15, 15), Is.EqualTo(new RgbColor(90, 90, 90)));
        });
    }

    [Test]
    public void APointIsADotWhereItShouldBe()
    {
        var image = new RgbImage(20, 20);
        Array.Fill(image.Pixels, (byte)90);
        var painted = new Overlay(image).Point(new(5.2f, 9.8f), Red).Point(new(float.NaN, 3), Red).Image;
        Assert.Multiple(() =>
        {
            Assert.That(Pixel(painted, 5, 10), Is.EqualTo(Red));
            Assert.That(Pixel(painted, 5, 12), Is.Not.EqualTo(Red).And.Not.EqualTo(new RgbColor(90, 90, 90)), "the rim");
            Assert.That(Pixel(painted, 9, 10), Is.EqualTo(new RgbColor(90, 90, 90)));
        });
    }

    [Test]
    public void HeatFollowsTheMapInsideItsRegion()
    {
        var painted = new Overlay(new RgbImage(8, 8)).Heat([0, 1, 0, 1], 2, 2, new(2, 2, 6, 6), 1).Image;
        Assert.Multiple(() =>
        {
            Assert.That(Pixel(painted, 2, 3), Is.EqualTo(HeatScale.Color(0)));
            Assert.That(Pixel(painted, 5, 4), Is.EqualTo(HeatScale.Color(1)));
            Assert.That(Pixel(painted, 1, 3), Is.EqualTo(default(RgbColor)));
            Assert.That(Painted(painted), Is.EqualTo(16));
        });
    }

    [Test]
    public void TheHeatScaleGrowsLighterAllTheWay()
    {
        var lightness = Enumerable.Range(0, 101).Select(i => HeatScale.Color(i / 100.0)).Select(c => .2126 * c.Red + .7152 * c.Green + .0722 * c.Blue);
        Assert.That(lightness, Is.Ordered);
    }

    [Test]
    public void BadInputIsNamed()
    {
        var overlay = new Overlay(new RgbImage(8, 8), 2);
        Assert.Multiple(() =>
        {
            Assert.That(() => overlay.Fill(SegmentationMask.Empty(16, 16), Red), Throws.ArgumentException.With.Message.Contains("16 x 16").And.Message.Contains("8 x 8"));
            Assert.That(() => overlay.Heat([1, 2, 3], 2, 2, new(0, 0, 8, 8)), Throws.ArgumentException.With.Message.Contains("not 3"));
            Assert.That(() => overlay.Heat([1, 2, 3, float.NaN], 2, 2, new(0, 0, 8, 8)), Throws.ArgumentException.With.Message.Contains("NaN"));
            Assert.That(() => new Overlay(new RgbImage(8, 8), 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        });
    }
}
