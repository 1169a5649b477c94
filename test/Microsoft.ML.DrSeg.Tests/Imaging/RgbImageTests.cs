using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Imaging;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Imaging;

public class RgbImageTests
{
    [Test]
    public void ASavedImageLoadsUnchanged()
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
    public void ChannelsComeInTheOrderRedGreenBlue(MLPixelFormat format, byte[] expected)
    {
        using var image = MLImage.CreateFromPixels(1, 1, format, [1, 2, 3, 255]);
        Assert.That(RgbImage.FromMLImage(image).Pixels, Is.EqualTo(expected));
        using var back = RgbImage.FromMLImage(image).ToMLImage();
        Assert.That(RgbImage.FromMLImage(back).Pixels, Is.EqualTo(expected));
    }

    [Test]
    public void MissingAndBrokenFilesAreNamed()
    {
        Assert.That(() => RgbImage.Load("no such.png"), Throws.InstanceOf<FileNotFoundException>().With.Message.Contains("no such.png"));
        string file = Path.Combine(Path.GetTempPath(), $"drseg-{Guid.NewGuid():N}.png");
        File.WriteAllText(file, "not an image");
        Assert.That(() => RgbImage.Load(file), Throws.InstanceOf<InvalidDataException>().With.Message.Contains(file));
        File.Delete(file);
    }

    /// <summary>ML.NET alone would give an image whose last rows are black.</summary>
    [TestCase(".png")]
    [TestCase(".jpg")]
    [TestCase(".webp")]
    public void AFileThatIsCutOffIsRefused(string extension)
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("image" + extension);
        var image = new RgbImage(60, 60);
        new Random(3).NextBytes(image.Pixels);
        image.Save(file);
        byte[] bytes = File.ReadAllBytes(file);
        Assert.That(() => RgbImage.Load(new MemoryStream(bytes)), Throws.Nothing);
        File.WriteAllBytes(file, bytes[..(9 * bytes.Length / 10)]);
        Assert.That(() => RgbImage.Load(file), Throws.InstanceOf<InvalidDataException>().With.Message.Contains(file).And.Message.Contains("cut off"));
    }

    [Test]
    public void ATransparentFileIsTheImageThatMLNETLoads()
    {
        using var folder = new TemporaryFolder();
        byte[] rgba = new byte[4 * 16 * 16];
        new Random(4).NextBytes(rgba);
        SyntheticPictures.SavePng(folder.File("image.png"), 16, 16, rgba);
        using var expected = MLImage.CreateFromFile(folder.File("image.png"));
        using MLImage opened = ImageFile.Open(folder.File("image.png"));
        Assert.That(RgbImage.Load(folder.File("image.png")).Pixels, Is.EqualTo(RgbImage.FromMLImage(expected).Pixels));
        Assert.That(RgbImage.FromMLImage(opened).Pixels, Is.EqualTo(RgbImage.FromMLImage(expected).Pixels));
    }

    [Test]
    public void WrongSizesAreRefused()
    {
        Assert.That(() => new RgbImage(2, 2, new byte[11]), Throws.ArgumentException.With.Message.Contains("12"));
        Assert.That(() => new RgbImage(0, 2), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [TestCase(".png")]
    [TestCase(".jpg")]
    public void TheSizeIsKnownFromTheHeader(string extension)
    {
        string file = Path.Combine(Path.GetTempPath(), $"drseg-{Guid.NewGuid():N}{extension}");
        new RgbImage(301, 97).Save(file);
        byte[] bytes = File.ReadAllBytes(file);
        File.Delete(file);
        using var stream = new MemoryStream(bytes) { Position = 5 };
        Assert.That(RgbImage.SizeFromHeader(stream), Is.EqualTo((301, 97)));
        Assert.That(stream.Position, Is.Zero);
        for (int length = 0; length < 20; length++)
            Assert.That(RgbImage.SizeFromHeader(new MemoryStream(bytes[..length])), Is.Null, $"{length} bytes");
    }

    [Test]
    public void OtherFilesHaveNoHeader()
    {
        Assert.That(RgbImage.SizeFromHeader(new MemoryStream("GIF89a, or any text of some length"u8.ToArray())), Is.Null);
        byte[] endless = [0xFF, 0xD8, .. Enumerable.Repeat((byte)0xFF, 10_000)];
        Assert.That(RgbImage.SizeFromHeader(new MemoryStream(endless)), Is.Null);
    }

    /// <summary>The comment holds a frame's header, which only a reader meets that takes the marker before it for one with a length.</summary>
    [TestCase(0x00)]
    [TestCase(0x01)]
    [TestCase(0xD0)]
    [TestCase(0xD7)]
    [TestCase(0xD8)]
    [TestCase(0xD9)]
    [TestCase(0xDA)]
    public void AJpegThatHidesItsFrameHasNoSize(int marker)
    {
        byte[] hidden = [0xFF, 0xC0, 0, 17, 8, 0, 10, 0, 10, 3];
        byte[] file = new byte[80_000];
        ((byte[])[0xFF, 0xD8, 0xFF, (byte)marker, 0xFF, 0xE0, 0, 2]).CopyTo(file, 0);
        hidden.CopyTo(file, 4 + 0xFFE0);
        Assert.That(RgbImage.SizeFromHeader(new MemoryStream(file)), Is.Null);
    }

    [Test]
    public void AJpegOfAMillionStepsToItsFrameHasNoSize()
    {
        byte[] frame = [0xFF, 0xC0, 0, 17, 8, 0, 10, 0, 20, 3, 0];
        byte[] Jpeg(IEnumerable<byte> before) => [0xFF, 0xD8, .. before, .. frame];
        byte[] empty = [0xFF, 0xE1, 0, 2], broken = [0xFF, 0xE1, 0, 1];
        Assert.That(RgbImage.SizeFromHeader(new MemoryStream(Jpeg(Enumerable.Repeat((byte)0xFF, 100)))), Is.EqualTo((20, 10)));
        Assert.That(RgbImage.SizeFromHeader(new MemoryStream(Jpeg(Enumerable.Repeat(empty, 100).SelectMany(bytes => bytes)))), Is.EqualTo((20, 10)));
        Assert.That(RgbImage.SizeFromHeader(new MemoryStream(Jpeg(broken))), Is.Null);
        using var fill = new CountingStream(Jpeg(Enumerable.Repeat((byte)0xFF, 1_000_000)));
        using var segments = new CountingStream(Jpeg(Enumerable.Repeat(empty, 1_000_000).SelectMany(bytes => bytes)));
        Assert.That(RgbImage.SizeFromHeader(fill), Is.Null);
        Assert.That(RgbImage.SizeFromHeader(segments), Is.Null);
        Assert.That(fill.Reads + segments.Reads, Is.LessThan(20_000));
    }

    private sealed class CountingStream(byte[] bytes) : MemoryStream(bytes)
    {
        public int Reads { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            Reads++;
            return base.Read(buffer);
        }
    }

    [Test]
    public void AFlatPngIsSmallAndHasThreeChannels()
    {
        byte[] png = new RgbImage(200, 200).ToPng();
        Assert.That(png, Has.Length.LessThan(1000));
        Assert.That((png[24], png[25]), Is.EqualTo((8, 2)), "bits, colours without alpha");
    }

    [Test]
    public void AnotherExtensionIsRefused() =>
        Assert.That(() => new RgbImage(2, 2).Save("picture.tiff"), Throws.ArgumentException.With.Message.Contains("picture.tiff"));

    [Test]
    public void PngBytesAreThoseOfTheFile()
    {
        var image = new RgbImage(7, 5);
        new Random(2).NextBytes(image.Pixels);
        using var stream = new MemoryStream(image.ToPng());
        using var decoded = MLImage.CreateFromStream(stream);
        Assert.That(RgbImage.FromMLImage(decoded).Pixels, Is.EqualTo(image.Pixels));
    }
}
