using Microsoft.ML.Data;

namespace Microsoft.ML.DrSeg.Data;

// To and from ML.NET's images, and through them to and from files.
public sealed partial class RgbImage
{
    /// <summary>Reads a PNG, JPEG or WebP file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no image, or not all of one.</exception>
    public static RgbImage Load(string path)
    {
        using MLImage image = ImageFile.Open(path);
        return FromMLImage(image);
    }

    /// <summary>Writes a file in the format of its extension: .png, .jpg or .webp.</summary>
    public void Save(string path)
    {
        using MLImage image = ToMLImage();
        image.Save(path);
    }

    /// <summary>The image as the bytes of a PNG file: three channels of 8 bits.</summary>
    public byte[] ToPng() => PngEncoder.Encode(this);

    /// <summary>The colours of an ML.NET image; its alpha is left out.</summary>
    public static RgbImage FromMLImage(MLImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var result = new RgbImage(image.Width, image.Height);
        ReadOnlySpan<byte> from = image.Pixels;
        Span<byte> to = result.Pixels;
        int red = image.PixelFormat == MLPixelFormat.Bgra32 ? 2 : 0, blue = 2 - red;
        for (int i = 0, j = 0; j < to.Length; i += 4, j += 3)
        {
            to[j] = from[i + red];
            to[j + 1] = from[i + 1];
            to[j + 2] = from[i + blue];
        }
        return result;
    }

    /// <summary>An opaque ML.NET image with a copy of the pixels; the caller disposes it.</summary>
    public MLImage ToMLImage()
    {
        byte[] rgba = new byte[4 * Width * Height];
        ReadOnlySpan<byte> from = Pixels;
        for (int i = 0, j = 0; j < from.Length; i += 4, j += 3)
        {
            rgba[i] = from[j];
            rgba[i + 1] = from[j + 1];
            rgba[i + 2] = from[j + 2];
            rgba[i + 3] = 255;
        }
        return MLImage.CreateFromPixels(Width, Height, MLPixelFormat.Rgba32, rgba);
    }
}
