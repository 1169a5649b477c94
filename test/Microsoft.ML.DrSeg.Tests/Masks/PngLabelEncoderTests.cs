using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Masks;

public class PngLabelEncoderTests
{
    [TestCase(1, 1)]
    [TestCase(7, 5)]
    [TestCase(64, 3)]
    public void TheImageLibraryReadsBackEveryPixelOfAMask(int width, int height)
    {
        var random = new Random(width);
        bool[] inside = [.. Enumerable.Range(0, width * height).Select(_ => random.Next(2) == 0)];
        using var stream = new MemoryStream(SegmentationMask.FromPixels(inside, width, height).ToPng());
        var read = RgbImage.Load(stream);
        Assert.That((read.Width, read.Height), Is.EqualTo((width, height)));
        Assert.That(read.Pixels.Chunk(3), Is.EqualTo(inside.Select(white => Enumerable.Repeat((byte)(white ? 255 : 0), 3))));
    }
}
