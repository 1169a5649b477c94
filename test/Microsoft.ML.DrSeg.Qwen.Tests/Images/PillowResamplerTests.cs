using Microsoft.ML.DrSeg.Imaging;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class PillowResamplerTests
{
    [TestCase("picture0", "bicubic_56x168", ResamplingFilter.Bicubic)]
    [TestCase("picture0", "bilinear_84x84", ResamplingFilter.Bilinear)]
    [TestCase("picture1", "bicubic_56x168", ResamplingFilter.Bicubic)]
    [TestCase("picture1", "bilinear_84x84", ResamplingFilter.Bilinear)]
    public void EveryByteIsPillows(string picture, string result, ResamplingFilter filter)
    {
        RgbImage expected = ProcessorReference.Picture($"{picture}.{result}");
        RgbImage resized = PillowResampler.Resize(ProcessorReference.Picture(picture), new(expected.Width, expected.Height), filter);
        Assert.That(resized.Pixels, Is.EqualTo(expected.Pixels));
    }

    [Test]
    public void AnAxisThatKeepsItsSizeIsLeftAlone()
    {
        RgbImage picture = ProcessorReference.Picture("picture0");
        Assert.That(PillowResampler.Resize(picture, new(picture.Width, picture.Height), ResamplingFilter.Bicubic).Pixels, Is.SameAs(picture.Pixels));
    }

    [TestCase(1, 1)]
    [TestCase(1, 300)]
    [TestCase(300, 1)]
    public void AnImageOfOneColourStaysOfIt(int width, int height)
    {
        var image = new RgbImage(width, height);
        for (int i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)(i % 3 == 0 ? 255 : i % 3 == 1 ? 0 : 77);
        foreach (ResamplingFilter filter in Enum.GetValues<ResamplingFilter>())
        {
            byte[] pixels = PillowResampler.Resize(image, new(56, 84), filter).Pixels;
            Assert.That(Enumerable.Range(0, pixels.Length).All(i => pixels[i] == image.Pixels[i % 3]));
        }
    }
}
