using Microsoft.ML.Data;
using SkiaSharp;

namespace Microsoft.ML.DrSeg.Imaging;

/// <summary>
/// Decodes image files as ML.NET does, through SkiaSharp, but refuses what is cut off: ML.NET takes a file whose end is
/// missing for an image whose last rows are black.
/// </summary>
internal static class ImageFile
{
    /// <summary>Red, green, blue, each multiplied by alpha, and alpha: four bytes a pixel, row by row. The caller disposes it.</summary>
    public static SKBitmap Decode(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no image file '{path}' (looked for at '{Path.GetFullPath(path)}').", path);
        using FileStream file = File.OpenRead(path);
        try
        {
            return Decode(file);
        }
        catch (InvalidDataException problem)
        {
            throw new InvalidDataException($"The file '{path}' cannot be read as an image: {problem.Message}", problem);
        }
    }

    public static SKBitmap Decode(Stream stream)
    {
        using var data = SKData.Create(stream);
        using SKCodec codec = SKCodec.Create(data) ?? throw new InvalidDataException("it does not begin like a PNG, JPEG or WebP.");
        var bitmap = new SKBitmap();
        SKCodecResult result = bitmap.TryAllocPixels(new(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Premul))
            ? codec.GetPixels(bitmap.Info, bitmap.GetPixels())
            : SKCodecResult.InvalidParameters;
        if (result == SKCodecResult.Success)
            return bitmap;
        bitmap.Dispose();
        throw new InvalidDataException(result switch
        {
            SKCodecResult.IncompleteInput => "it is cut off.",
            SKCodecResult.InvalidParameters => $"its {codec.Info.Width} x {codec.Info.Height} pixels are more than can be decoded.",
            _ => $"it is damaged ({result}).",
        });
    }

    /// <returns>An image for ML.NET, which the caller disposes.</returns>
    public static MLImage Open(string path)
    {
        using SKBitmap bitmap = Decode(path);
        return MLImage.CreateFromPixels(bitmap.Width, bitmap.Height, MLPixelFormat.Rgba32, bitmap.GetPixelSpan());
    }
}
