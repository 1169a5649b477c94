using Microsoft.ML.DrSeg.Imaging;
using SkiaSharp;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>Finds image files by their name without extension, and reads their size without decoding them.</summary>
internal static class ImageFiles
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".webp"];

    public static bool IsImage(string path) => Extensions.Contains(Path.GetExtension(path).ToLowerInvariant());

    public static string Find(DataFolder folder, string name)
    {
        foreach (string extension in Extensions)
            if (folder.Resolve(name + extension) is var path && File.Exists(path))
                return path;
        throw new FileNotFoundException($"There is no image '{name}' ({string.Join(", ", Extensions)}) in '{folder.FullPath}'.", name);
    }

    public static (int Width, int Height) SizeOf(string path)
    {
        if (File.Exists(path))
        {
            using FileStream file = File.OpenRead(path);
            if (RgbImage.SizeFromHeader(file) is { } size)
                return size;
        }
        // Other formats, and the messages about what is no image at all.
        using SKBitmap image = ImageFile.Decode(path);
        return (image.Width, image.Height);
    }
}
