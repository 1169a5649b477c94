using Microsoft.ML.Data;
using SkiaSharp;

namespace Microsoft.ML.DrSeg.Imaging;

// To and from ML.NET's images, and through them to and from files.
public sealed partial class RgbImage
{
    // Packs scenes and photographs as tightly as level 6, in half the time or less.
    private static readonly SKPngEncoderOptions Png = new(SKPngEncoderFilterFlags.AllFilters, zLibLevel: 4);

    /// <summary>
    /// Reads a PNG, JPEG, WebP, BMP or GIF file, turned as viewers turn it by the orientation that a camera notes (EXIF). What is
    /// transparent appears as on black, the same as in ML.NET's images.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no image, or not all of one.</exception>
    public static RgbImage Load(string path) => Load(path, annotated: null);

    /// <summary>Reads a file so that it lies as annotations of that size do.</summary>
    internal static RgbImage Load(string path, (int Width, int Height)? annotated)
    {
        using SKBitmap bitmap = ImageFile.Decode(path, annotated);
        return FromBitmap(bitmap);
    }

    /// <summary>Reads an image from where a stream stands to its end, as <see cref="Load(string)"/> reads a file.</summary>
    /// <exception cref="InvalidDataException">The stream holds no image, or not all of one.</exception>
    public static RgbImage Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using SKBitmap bitmap = ImageFile.Decode(stream);
        return FromBitmap(bitmap);
    }

    /// <summary>Writes a file in the format of its extension: .png, .jpg, .jpeg or .webp.</summary>
    /// <exception cref="ArgumentException">The path has another extension.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using SKBitmap bitmap = ToBitmap();
        using SKPixmap pixels = bitmap.PeekPixels();
        using SKData data = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".png" => pixels.Encode(Png),
            ".jpg" or ".jpeg" => pixels.Encode(SKEncodedImageFormat.Jpeg, quality: 100),
            ".webp" => pixels.Encode(SKEncodedImageFormat.Webp, quality: 100),
            var other => throw new ArgumentException($"Images are written as .png, .jpg, .jpeg or .webp, not as '{other}' ('{path}').", nameof(path)),
        };
        using FileStream file = File.Create(path);
        data.SaveTo(file);
    }

    /// <summary>The image as the bytes of a PNG file: three channels of 8 bits.</summary>
    public byte[] ToPng()
    {
        using SKBitmap bitmap = ToBitmap();
        using SKPixmap pixels = bitmap.PeekPixels();
        using SKData data = pixels.Encode(Png);
        return data.ToArray();
    }

    /// <summary>Columns and rows of a PNG or JPEG as stored, from its header: nothing is decoded, so a hostile file costs nothing.</summary>
    /// <param name="stream">The file from its beginning; can seek, and stands at its beginning again afterwards.</param>
    /// <returns>The size as the header gives it, unchecked; null for any other format, and for a JPEG whose header is not well formed.</returns>
    public static (int Width, int Height)? SizeFromHeader(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return ImageHeader.Read(stream)?.Stored;
    }

    /// <summary>The colours of an ML.NET image; its alpha is left out.</summary>
    public static RgbImage FromMLImage(MLImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return FromFourChannels(image.Pixels, image.Width, image.Height, red: image.PixelFormat == MLPixelFormat.Bgra32 ? 2 : 0);
    }

    /// <summary>An opaque ML.NET image with a copy of the pixels; the caller disposes it.</summary>
    public MLImage ToMLImage()
    {
        using SKBitmap bitmap = ToBitmap();
        return MLImage.CreateFromPixels(Width, Height, MLPixelFormat.Rgba32, bitmap.GetPixelSpan());
    }

    /// <summary>The colours of a bitmap of the kind that <see cref="ToBitmap"/> makes; its alpha is left out.</summary>
    internal static RgbImage FromBitmap(SKBitmap bitmap) => FromFourChannels(bitmap.GetPixelSpan(), bitmap.Width, bitmap.Height);

    /// <summary>An opaque copy to draw on and to encode, four bytes a pixel: red, green, blue, 255. The caller disposes it.</summary>
    internal unsafe SKBitmap ToBitmap()
    {
        var bitmap = new SKBitmap(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        ReadOnlySpan<byte> from = Pixels;
        var to = new Span<byte>((void*)bitmap.GetPixels(), bitmap.ByteCount);
        for (int i = 0, j = 0; j < from.Length; i += 4, j += 3)
        {
            to[i] = from[j];
            to[i + 1] = from[j + 1];
            to[i + 2] = from[j + 2];
            to[i + 3] = 255;
        }
        return bitmap;
    }

    /// <summary>The colours of pixels of four bytes, row by row; the last byte of each is left out.</summary>
    /// <param name="red">Which byte of a pixel is red, 0 or 2; blue is the other one.</param>
    internal static RgbImage FromFourChannels(ReadOnlySpan<byte> from, int width, int height, int red = 0)
    {
        var result = new RgbImage(width, height);
        Span<byte> to = result.Pixels;
        int blue = 2 - red;
        for (int i = 0, j = 0; j < to.Length; i += 4, j += 3)
        {
            to[j] = from[i + red];
            to[j + 1] = from[i + 1];
            to[j + 2] = from[i + blue];
        }
        return result;
    }
}
