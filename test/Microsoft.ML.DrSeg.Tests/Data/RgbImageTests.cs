using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Data;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Data;

public class RgbImageTests
{
    [Test]
    public void A_saved_image_loads_unchanged()
    {
        var image = new RgbImage(7, 5);
        new Random(1).NextBytes(image.Pixels);
        string folder = Directory.CreateTempSubdirectory("drseg-image-").FullName;
        image.Save(Path.Combine(folder, "image.png"));
        var loaded = RgbImage.Load(Path.Combine(folder, "image.png"));
        Directory.Delete(folder, recursive: true);
        Assert.That((loaded.Width, loaded.Height), Is.EqualTo((7, 5)));
        Assert.That(loaded.Pixels, Is.EqualTo(image.Pixels));
    }

    [TestCase(MLPixelFormat.Rgba32, new byte[] { 1, 2, 3 })]
    [TestCase(MLPixelFormat.Bgra32, new byte[] { 3, 2, 1 })]
    public void Channels_come_in_the_order_red_green_blue(MLPixelFormat format, byte[] expected)
    {
        using var image = MLImage.CreateFromPixels(1, 1, format, [1, 2, 3, 255]);
        Assert.That(RgbImage.FromMLImage(image).Pixels, Is.EqualTo(expected));
        using var back = RgbImage.FromMLImage(image).ToMLImage();
        Assert.That(RgbImage.FromMLImage(back).Pixels, Is.EqualTo(expected));
    }

    [Test]
    public void Missing_and_broken_files_are_named()
    {
        Assert.That(() => RgbImage.Load("no such.png"), Throws.InstanceOf<FileNotFoundException>().With.Message.Contains("no such.png"));
        string file = Path.Combine(Path.GetTempPath(), $"drseg-{Guid.NewGuid():N}.png");
        File.WriteAllText(file, "not an image");
        Assert.That(() => RgbImage.Load(file), Throws.InstanceOf<InvalidDataException>().With.Message.Contains(file));
        File.Delete(file);
    }

    [Test]
    public void Wrong_sizes_are_refused()
    {
        Assert.That(() => new RgbImage(2, 2, new byte[11]), Throws.ArgumentException.With.Message.Contains("12"));
        Assert.That(() => new RgbImage(0, 2), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
