using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.Tests.Reporting;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Data;

public class PngEncoderTests
{
    [TestCase(1, 1)]
    [TestCase(7, 5)]
    [TestCase(64, 3)]
    public void TheImageLibraryReadsBackEveryPixel(int width, int height)
    {
        var random = new Random(width);
        var image = new RgbImage(width, height);
        random.NextBytes(image.Pixels);
        using var folder = new TemporaryFolder();
        var path = folder.File("picture.png");
        File.WriteAllBytes(path, PngEncoder.Encode(image));
        var read = RgbImage.Load(path);
        Assert.That((read.Width, read.Height), Is.EqualTo((width, height)));
        Assert.That(read.Pixels, Is.EqualTo(image.Pixels));
    }

    [Test]
    public void AFlatImageIsSmall() =>
        Assert.That(PngEncoder.Encode(new RgbImage(200, 200)), Has.Length.LessThan(1000));
}
