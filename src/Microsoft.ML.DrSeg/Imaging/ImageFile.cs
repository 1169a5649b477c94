using Microsoft.ML.Data;
using SkiaSharp;

namespace Microsoft.ML.DrSeg.Imaging;

/// <summary>
/// Decodes image files as ML.NET does, through SkiaSharp, but refuses what is cut off (ML.NET takes a file whose end is missing
/// for an image whose last rows are black), and turns photographs as the camera was held.
/// </summary>
internal static class ImageFile
{
    // A gigabyte of pixels: a small file can claim far more.
    private const long MostPixels = 1 << 28;

    /// <summary>Red, green, blue, each multiplied by alpha, and alpha: four bytes a pixel, row by row. The caller disposes it.</summary>
    /// <param name="annotated">The size that annotations are for, by which it is turned or not; null to turn it as viewers do.</param>
    public static SKBitmap Decode(string path, (int Width, int Height)? annotated = null) => Read(path, file => Decode(file, annotated));

    public static SKBitmap Decode(Stream stream, (int Width, int Height)? annotated = null)
    {
        using var data = SKData.Create(stream);
        using SKCodec codec = SKCodec.Create(data) ?? throw new InvalidDataException(Unknown(data.AsSpan()));
        (int width, int height) = (codec.Info.Width, codec.Info.Height);
        if ((long)width * height > MostPixels)
            throw new InvalidDataException($"its {width} x {height} pixels are more than the {MostPixels} that are decoded.");
        ImageHeader header = HeaderOf(data, codec);
        bool isTurned = header.IsTurnedFor(annotated);
        var bitmap = new SKBitmap();
        SKCodecResult result = bitmap.TryAllocPixels(new(width, height, SKColorType.Rgba8888, SKAlphaType.Premul))
            ? codec.GetPixels(bitmap.Info, bitmap.GetPixels())
            : SKCodecResult.InvalidParameters;
        if (result == SKCodecResult.Success && !isTurned)
            return bitmap;
        using (bitmap)
            return result == SKCodecResult.Success ? header.Turn(bitmap) : throw new InvalidDataException(result switch
            {
                SKCodecResult.IncompleteInput => "it is cut off.",
                SKCodecResult.InvalidParameters => $"its {width} x {height} pixels are more than can be decoded.",
                _ => $"it is damaged ({result}).",
            });
    }

    /// <summary>Size and orientation of a file, which is not decoded.</summary>
    public static ImageHeader HeaderOf(string path) => Read(path, file =>
    {
        if (ImageHeader.Read(file) is { } header)
            return header;
        using var data = SKData.Create(file);
        using SKCodec codec = SKCodec.Create(data) ?? throw new InvalidDataException(Unknown(data.AsSpan()));
        return HeaderOf(data, codec);
    });

    /// <param name="annotated">As of <see cref="Decode(string, ValueTuple{int, int}?)"/>.</param>
    /// <returns>An image for ML.NET, which the caller disposes.</returns>
    public static MLImage Open(string path, (int Width, int Height)? annotated = null)
    {
        using SKBitmap bitmap = Decode(path, annotated);
        return MLImage.CreateFromPixels(bitmap.Width, bitmap.Height, MLPixelFormat.Rgba32, bitmap.GetPixelSpan());
    }

    private static ImageHeader HeaderOf(SKData data, SKCodec codec)
    {
        using Stream bytes = data.AsStream();
        int orientation = codec.EncodedFormat == SKEncodedImageFormat.Jpeg ? ImageHeader.Read(bytes)?.Orientation ?? 1 : (int)codec.EncodedOrigin;
        return new(codec.Info.Width, codec.Info.Height, orientation);
    }

    private static T Read<T>(string path, Func<FileStream, T> read)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no image file '{path}' (looked for at '{Path.GetFullPath(path)}').", path);
        using FileStream file = File.OpenRead(path);
        try
        {
            return read(file);
        }
        catch (InvalidDataException problem)
        {
            throw new InvalidDataException($"The file '{path}' cannot be read as an image: {problem.Message}", problem);
        }
    }

    private static string Unknown(ReadOnlySpan<byte> file)
    {
        string found = file.Length == 0 ? "it is empty"
            : file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8) ? "it is a TIFF, which is not read"
            : file.Length > 8 && file[4..].StartsWith("ftyp"u8) ? "it is a HEIC, AVIF or video file, which is not read"
            : file.StartsWith("version https://git-lfs"u8) ? "it is a pointer of Git LFS, whose file was not fetched (git lfs pull)"
            : file.StartsWith("<"u8) ? "it is a page of HTML or XML, perhaps an answer of a server instead of the picture"
            : "it does not begin like a PNG, JPEG, WebP, BMP or GIF";
        return found + ". Save it as PNG or JPEG.";
    }
}
