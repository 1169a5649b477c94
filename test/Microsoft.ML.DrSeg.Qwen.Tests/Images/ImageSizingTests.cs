using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class ImageSizingTests
{
    private static readonly ImageProcessing Processing = new(14, 2, 2, 3136, 12845056, [0.5f, 0.5f, 0.5f], [0.5f, 0.5f, 0.5f], ResamplingFilter.Bicubic);

    [Test]
    public void EveryRowOfTheReferenceIsMet()
    {
        int[][] rows = [.. ProcessorReference.Facts.GetProperty("smart_resize").EnumerateArray().Select(row => row.EnumerateArray().Select(value => value.GetInt32()).ToArray())];
        Assert.That(rows, Has.Length.EqualTo(60));
        foreach (int[] row in rows)
            Assert.That(SmartSizing.Of(new(row[1], row[0]), row[2], row[3], row[4]), Is.EqualTo(new ImageSize(row[6], row[5])), string.Join(' ', row));
    }

    [Test]
    public void TheFoldersLimitsHoldUnlessTheRecipeHasItsOwn()
    {
        Assert.That(new SmartSizing().Of(new(1920, 1080), Processing), Is.EqualTo(new ImageSize(1932, 1092)));
        Assert.That(new SmartSizing(MaxPixels: 1003520).Of(new(1920, 1080), Processing), Is.EqualTo(new ImageSize(1316, 728)));
        Assert.That(new SmartSizing(MinPixels: 200704).Of(new(56, 56), Processing), Is.EqualTo(new ImageSize(448, 448)));
    }

    [TestCase(1, 200)]
    [TestCase(200, 1)]
    [TestCase(1, 1)]
    [TestCase(1, 7)]
    public void ThinImagesGetWholeTokens(int width, int height)
    {
        ImageSize size = new SmartSizing().Of(new(width, height), Processing);
        Assert.That((size.Width % 28, size.Height % 28), Is.EqualTo((0, 0)));
        Assert.That((long)size.Width * size.Height, Is.GreaterThanOrEqualTo(3136));
        Assert.That(SmartSizing.Of(new(width, height), 28, 1, 100_000).Width, Is.GreaterThanOrEqualTo(28));
    }

    [TestCase(1, 201)]
    [TestCase(40201, 201)]
    [TestCase(int.MaxValue, 1)]
    public void AnAspectAbove200IsRefused(int width, int height) =>
        Assert.That(() => new SmartSizing().Of(new(width, height), Processing), Throws.ArgumentException.With.Message.Contains("200"));

    [TestCase(0, 100)]
    [TestCase(5000, 4000)]
    [TestCase(1, 783)]
    public void LimitsThatNoImageMeetsAreRefused(long least, long most) =>
        Assert.That(() => new SmartSizing(least, most).Of(new(100, 100), Processing), Throws.ArgumentException);

    [Test]
    public void AFixedSizeIsTheSameForEveryImage()
    {
        var sizing = new FixedSizing(new(840, 840));
        Assert.That(sizing.Of(new(1, 5000), Processing), Is.EqualTo(new ImageSize(840, 840)));
        Assert.That(() => sizing.Of(new(10, 10), Processing with { PatchSize = 16 }), Throws.ArgumentException.With.Message.Contains("832 x 832"));
        Assert.That(() => new FixedSizing(new(0, 840)).Of(new(10, 10), Processing), Throws.ArgumentException.With.Message.Contains("28 x 840"));
    }
}
