using Microsoft.ML.Data;
using NUnit.Framework;

namespace StandIns.Tests;

public sealed class MLImageTests
{
    private string _folder = "";

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("mlimage").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [TestCase("png")]
    [TestCase("PNG")]
    [TestCase("webp")]
    public void Lossless_formats_keep_every_byte(string extension)
    {
        byte[] pixels = Ramp(13, 7);
        // A WebP encoder may change the colour of what nobody sees.
        if (extension == "webp")
            MakeOpaque(pixels);
        using MLImage image = MLImage.CreateFromPixels(13, 7, MLPixelFormat.Bgra32, pixels);
        string path = Path.Combine(_folder, "image." + extension);
        image.Save(path);

        using MLImage read = MLImage.CreateFromFile(path);

        Assert.That((read.Width, read.Height, read.PixelFormat), Is.EqualTo((13, 7, MLPixelFormat.Bgra32)));
        Assert.That(read.Pixels.ToArray(), Is.EqualTo(pixels));
    }

    [Test]
    public void Alpha_is_straight_so_transparent_pixels_keep_their_colour()
    {
        byte[] pixels = [200, 100, 50, 0, 200, 100, 50, 128];
        using MLImage image = MLImage.CreateFromPixels(2, 1, MLPixelFormat.Bgra32, pixels);
        string path = Path.Combine(_folder, "alpha.png");
        image.Save(path);

        using MLImage read = MLImage.CreateFromFile(path);

        Assert.That(read.Pixels.ToArray(), Is.EqualTo(pixels));
    }

    [Test]
    public void Rgba_images_are_saved_with_their_colours_in_place()
    {
        using MLImage image = MLImage.CreateFromPixels(1, 1, MLPixelFormat.Rgba32, [10, 20, 30, 255]);
        string path = Path.Combine(_folder, "rgba.png");
        image.Save(path);

        using MLImage read = MLImage.CreateFromFile(path);

        Assert.That(read.GetBGRPixels, Is.EqualTo(new byte[] { 30, 20, 10 }));
    }

    [TestCase("jpg")]
    [TestCase("jpeg")]
    public void Jpeg_is_near_and_opaque(string extension)
    {
        byte[] pixels = SmoothOpaque(32, 16);
        using MLImage image = MLImage.CreateFromPixels(32, 16, MLPixelFormat.Bgra32, pixels);
        string path = Path.Combine(_folder, "image." + extension);
        image.Save(path);

        using MLImage read = MLImage.CreateFromFile(path);

        byte[] back = read.Pixels.ToArray();
        Assert.That(back.Zip(pixels, (a, b) => Math.Abs(a - b)).Max(), Is.LessThanOrEqualTo(8));
        Assert.That(back.Where((_, i) => i % 4 == 3), Is.All.EqualTo(255));
    }

    [Test]
    public void A_grey_one_channel_png_becomes_bgra()
    {
        // 2 x 1 pixels, 8 bits grey: 0 and 255 (written by Python's zlib and struct).
        byte[] png = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAAAAADRSSBWAAAAC0lEQVR4nGNg+A8AAQIBAEK+vGgAAAAASUVORK5CYII=");
        using MLImage read = MLImage.CreateFromStream(new MemoryStream(png));
        Assert.That(read.Pixels.ToArray(), Is.EqualTo(new byte[] { 0, 0, 0, 255, 255, 255, 255, 255 }));
    }

    [TestCase("png")]
    [TestCase("jpg")]
    [TestCase("webp")]
    public void A_file_cut_anywhere_is_an_error_that_names_it(string extension)
    {
        using MLImage image = MLImage.CreateFromPixels(32, 16, MLPixelFormat.Bgra32, SmoothOpaque(32, 16));
        string whole = Path.Combine(_folder, "whole." + extension), cut = Path.Combine(_folder, "cut." + extension);
        image.Save(whole);
        byte[] bytes = File.ReadAllBytes(whole);

        for (int length = 0; length < bytes.Length; length += Math.Max(1, bytes.Length / 40))
        {
            File.WriteAllBytes(cut, bytes[..length]);
            Assert.That(() => MLImage.CreateFromFile(cut), Throws.InvalidOperationException.With.Message.Contains(cut), $"cut to {length} of {bytes.Length} bytes");
        }

        File.WriteAllBytes(cut, bytes[..^1]);
        Assert.That(() => MLImage.CreateFromFile(cut), Throws.InvalidOperationException, "without its last byte");
    }

    [Test]
    public void The_end_marker_of_a_thumbnail_inside_a_segment_is_not_the_end_of_the_file()
    {
        byte[] segment = [0xFF, 0xE1, 0, 4, 0xFF, 0xD9];
        Assert.That(JpegEnd.IsMissing([0xFF, 0xD8, .. segment]), Is.True);
        Assert.That(JpegEnd.IsMissing([0xFF, 0xD8, .. segment, 0xFF, 0xD9]), Is.False);
    }

    [Test]
    public void What_is_no_image_is_an_error()
    {
        string path = Path.Combine(_folder, "text.png");
        File.WriteAllText(path, "not a picture");
        Assert.That(() => MLImage.CreateFromFile(path), Throws.InvalidOperationException.With.Message.Contains("not an image"));
        Assert.That(() => MLImage.CreateFromStream(new MemoryStream()), Throws.InvalidOperationException.With.Message.Contains("empty"));
    }

    [Test]
    public void A_missing_file_is_named()
    {
        string path = Path.Combine(_folder, "nowhere.png");
        Assert.That(() => MLImage.CreateFromFile(path), Throws.InstanceOf<FileNotFoundException>().With.Message.Contains(path));
    }

    [Test]
    public void An_unknown_extension_is_refused_and_nothing_is_written()
    {
        using MLImage image = MLImage.CreateFromPixels(1, 1, MLPixelFormat.Bgra32, new byte[4]);
        Assert.That(() => image.Save(Path.Combine(_folder, "image.txt")), Throws.ArgumentException.With.Message.Contains(".txt"));
        Assert.That(Directory.GetFileSystemEntries(_folder), Is.Empty);
    }

    [Test]
    public void A_failed_write_leaves_nothing_behind()
    {
        using MLImage image = MLImage.CreateFromPixels(1, 1, MLPixelFormat.Bgra32, new byte[4]);
        string occupied = Path.Combine(_folder, "folder.png");
        Directory.CreateDirectory(occupied);
        Assert.That(() => image.Save(occupied), Throws.InstanceOf<SystemException>());
        Assert.That(Directory.GetFileSystemEntries(_folder), Is.EqualTo(new[] { occupied }));
    }

    private static byte[] Ramp(int width, int height) => [.. Enumerable.Range(0, width * height * 4).Select(i => (byte)(i * 37 + 1))];

    private static void MakeOpaque(byte[] pixels)
    {
        for (int i = 3; i < pixels.Length; i += 4)
            pixels[i] = 255;
    }

    private static byte[] SmoothOpaque(int width, int height)
    {
        var pixels = new byte[width * height * 4];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                for (int c = 0; c < 4; c++)
                    pixels[(y * width + x) * 4 + c] = c == 3 ? (byte)255 : (byte)(40 + x * 3 + y * 2 + c * 10);
        return pixels;
    }
}
