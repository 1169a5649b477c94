using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Masks;

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

    [TestCase(0.25, 10, 5)]
    [TestCase(2.5, 100, 50)]
    public void LinesAreDrawnAtTheScaleInWhichTheyAreSeen(double scale, int width, int height)
    {
        var image = new RgbImage(40, 20);
        Array.Fill(image.Pixels, (byte)90);
        var painted = new Overlay(image, scale).Box(new(0, 0, 40, 20), Red).Image;
        var outlined = new Overlay(image, scale).Outline(SegmentationMask.FromBox(new(0, 0, 40, 20), 40, 20), Red).Image;
        Assert.Multiple(() =>
        {
            Assert.That((painted.Width, painted.Height), Is.EqualTo((width, height)));
            Assert.That(Enumerable.Range(0, width * height).Count(i => Pixel(painted, i % width, i / width) == Red), Is.EqualTo(2 * (width + height) - 4));
            Assert.That(Pixel(painted, width / 2, height / 2), Is.EqualTo(new RgbColor(90, 90, 90)));
            Assert.That(outlined.Pixels, Is.EqualTo(painted.Pixels));
        });
    }

    [Test]
    public void TheSameIsPaintedEveryTime()
    {
        var random = new Random(3);
        var image = new RgbImage(37, 23);
        random.NextBytes(image.Pixels);
        var mask = SegmentationMask.FromBox(new(5, 4, 30, 20), 37, 23);
        byte[] Painted() => new Overlay(image, 2.3).Fill(mask, Red).Outline(mask, RgbColor.White).Box(mask.Box, RgbColor.Yellow)
            .Point(new(9.4f, 7.7f), RgbColor.Teal).Heat([0, .5f, 1, .2f], 2, 2, new(3, 3, 20, 20)).Image.Pixels;
        Assert.That(Painted(), Is.EqualTo(Painted()));
    }

    [Test]
    public void WhatLiesFarOutsideIsNotSeen()
    {
        var overlay = new Overlay(new RgbImage(8, 8), 1.5);
        overlay.Box(new(1e30f, 1e30f, float.MaxValue, float.MaxValue), Red).Box(new(-1e9f, -1e9f, 1e9f, 1e9f), Red);
        overlay.Box(new(float.NegativeInfinity, float.NegativeInfinity, float.PositiveInfinity, float.PositiveInfinity), Red).Box(new(float.NaN, 0, 5, 5), Red);
        overlay.Point(new(1e30f, -1e30f), Red).Point(new(-4e9f, 4), Red).Point(new(4, float.PositiveInfinity), Red);
        overlay.Heat([1], 1, 1, new(1e9f, 1e9f, 2e9f, 2e9f)).Heat([1], 1, 1, new(8, 0, 16, 8)).Heat([1], 1, 1, new(3, 3, 3, 9));
        Assert.That(overlay.Image.Pixels, Is.All.Zero);
    }

    [Test]
    public void AMapMayReachFarBeyondTheImage()
    {
        var painted = new Overlay(new RgbImage(8, 8)).Heat([0, float.PositiveInfinity], 2, 1, new(-1e7f, -1e7f, 1e7f, 1e7f), 1).Image;
        Assert.That(Painted(painted), Is.EqualTo(64));
    }

    [Test]
    public void APointIsADotWhereItShouldBe()
    {
        var image = new RgbImage(20, 20);
        Array.Fill(image.Pixels, (byte)90);
        var painted = new Overlay(image).Point(new(5.2f, 9.8f), Red).Point(new(float.NaN, 3), Red).Image;
        Assert.Multiple(() =>
        {
            Assert.That(Pixel(painted, 5, 9), Is.EqualTo(Red));
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
            Assert.That(() => overlay.Outline(SegmentationMask.Empty(4, 16), Red), Throws.ArgumentException.With.Message.Contains("4 x 16"));
            foreach (double scale in (double[])[0, -1, double.NaN, double.PositiveInfinity])
                Assert.That(() => new Overlay(new RgbImage(8, 8), scale), Throws.TypeOf<ArgumentOutOfRangeException>());
        });
    }
}
