using Microsoft.ML.Data;

namespace Microsoft.ML.DrSeg.Data;

/// <summary>Opens image files through ML.NET, with errors that name the file, and says how their alpha is to be read.</summary>
internal static class ImageFile
{
    // One pixel, half transparent red, straight alpha as PNG has it.
    private const string HalfRedPng =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DQAAAEgQGALFXOsAAAAABJRU5ErkJggg==";

    private static readonly Lazy<bool> Premultiplied = new(FindWhetherPremultiplied);

    /// <summary>
    /// Whether decoded colours come multiplied by their alpha. ML.NET does not say, and its decoders differ, so a known
    /// pixel is decoded once and looked at.
    /// </summary>
    public static bool AlphaIsPremultiplied => Premultiplied.Value;

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no image, or not all of one.</exception>
    public static MLImage Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no image file '{path}' (looked for at '{Path.GetFullPath(path)}').", path);
        try
        {
            return MLImage.CreateFromFile(path);
        }
        // The decoders below ML.NET throw exceptions of many kinds; all of them mean that the file cannot be read as an image.
        catch (Exception failure) when (failure is not (OutOfMemoryException or UnauthorizedAccessException))
        {
            throw new InvalidDataException($"The file '{path}' cannot be read as an image (PNG, JPEG or WebP): {failure.Message}", failure);
        }
    }

    private static bool FindWhetherPremultiplied()
    {
        using var stream = new MemoryStream(Convert.FromBase64String(HalfRedPng));
        using MLImage image = MLImage.CreateFromStream(stream);
        int red = image.Pixels[image.PixelFormat == MLPixelFormat.Bgra32 ? 2 : 0];
        return red < 192;
    }
}
