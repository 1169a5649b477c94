using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Tests;

/// <summary>BMP files of 24 bits a pixel, which SkiaSharp reads and does not write.</summary>
internal static class TestBmp
{
    /// <summary>The file of an image: a header of 54 bytes, then rows from the bottom, blue, green, red, each filled up to four bytes.</summary>
    public static byte[] Encode(RgbImage image)
    {
        int stride = (3 * image.Width + 3) / 4 * 4;
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        writer.Write("BM"u8);
        foreach (int value in new[] { 54 + stride * image.Height, 0, 54, 40, image.Width, image.Height, 1 | 24 << 16, 0, stride * image.Height, 0, 0, 0, 0 })
            writer.Write(value);
        for (int y = image.Height - 1; y >= 0; y--)
        {
            for (int x = 0; x < image.Width; x++)
                for (int channel = 2; channel >= 0; channel--)
                    writer.Write(image.Pixels[3 * (y * image.Width + x) + channel]);
            writer.Write(new byte[stride - 3 * image.Width]);
        }
        return file.ToArray();
    }
}
