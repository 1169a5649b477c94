using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>Which files of a folder are images and masks, by extensions in any case, and what their headers say.</summary>
internal static class ImageFiles
{
    /// <summary>What is decoded, in the order in which an image is looked for.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".jpe", ".jfif"];

    /// <summary>What cameras and editors write too, and is not decoded.</summary>
    public static IReadOnlyList<string> OtherExtensions { get; } = [".tif", ".tiff", ".heic", ".heif", ".avif", ".jp2", ".jxl", ".raw", ".dng"];

    public static bool IsImage(string path) => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    public static bool IsOtherImage(string path) => OtherExtensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>The files of a folder in the order of their names, without what systems leave beside them (._a.jpg, .DS_Store, Thumbs.db).</summary>
    /// <param name="extension">Only these, in any case; null for all.</param>
    public static IEnumerable<string> In(string folder, string? extension = null) => Directory.EnumerateFiles(folder)
        .Where(file => Path.GetFileName(file)[0] != '.' && (extension is null || Path.GetExtension(file).Equals(extension, StringComparison.OrdinalIgnoreCase)))
        .Order(StringComparer.Ordinal);

    /// <summary>The folders in a folder, in the order of their names, without hidden ones and those that archives of macOS leave.</summary>
    public static IEnumerable<string> FoldersIn(string folder) => Directory.EnumerateDirectories(folder)
        .Where(path => Path.GetFileName(path) is not (['.', ..] or "__MACOSX")).Order(StringComparer.Ordinal);

    /// <summary>Columns and rows as annotations see them, who turn pictures as viewers do.</summary>
    public static (int Width, int Height) SizeOf(string path) => ImageFile.HeaderOf(path).Seen;

    /// <summary>Refuses annotations that were not made for an image of that size, lying as it is stored or as viewers show it.</summary>
    public static void RequireSize(string image, int width, int height)
    {
        try
        {
            ImageFile.HeaderOf(image).IsTurnedFor((width, height));
        }
        catch (InvalidDataException problem)
        {
            throw new InvalidDataException($"its image '{image}': {problem.Message}", problem);
        }
    }

    /// <summary>Whether a JPEG or PNG has the mark of its end near its end: a file that has not is probably cut off. Of others nothing is said.</summary>
    public static bool EndsWhole(string path)
    {
        const int tail = 4096;
        using FileStream file = File.OpenRead(path);
        Span<byte> bytes = stackalloc byte[tail];
        int head = file.ReadAtLeast(bytes[..2], 2, throwOnEndOfStream: false);
        bool isJpeg = head == 2 && bytes is [0xFF, 0xD8, ..], isPng = head == 2 && bytes is [0x89, (byte)'P', ..];
        file.Position = Math.Max(0, file.Length - tail);
        bytes = bytes[..file.ReadAtLeast(bytes, tail, throwOnEndOfStream: false)];
        return !(isJpeg || isPng) || bytes.IndexOf(isJpeg ? [0xFF, 0xD9] : "IEND"u8) >= 0;
    }

    /// <summary>Whether a row's picture can be decoded to lie as its annotations do.</summary>
    public static bool IsWhole(AnnotatedQuery row) => ProblemOf(row) is null;

    /// <summary>What is wrong with a row's picture; null where nothing is.</summary>
    public static Exception? ProblemOf(AnnotatedQuery row)
    {
        try
        {
            ImageFile.Decode(row.ImagePath, (row.Mask.Width, row.Mask.Height)).Dispose();
            return null;
        }
        catch (Exception problem) when (problem is InvalidDataException or FileNotFoundException)
        {
            return problem;
        }
    }

    /// <summary>
    /// Reads a mask: a PNG as <see cref="SegmentationMask.LoadPng"/> does; of other formats, whose black and white may be blurred,
    /// what is at least half bright.
    /// </summary>
    public static SegmentationMask LoadMask(string path)
    {
        if (Path.GetExtension(path).Equals(".png", StringComparison.OrdinalIgnoreCase))
            return SegmentationMask.LoadPng(path);
        const int half = 128, faint = 32;
        var image = RgbImage.Load(path);
        bool[] inside = new bool[image.Width * image.Height];
        int brightest = 0, between = 0;
        for (int i = 0; i < inside.Length; i++)
        {
            int bright = Math.Max(image.Pixels[3 * i], Math.Max(image.Pixels[3 * i + 1], image.Pixels[3 * i + 2]));
            inside[i] = bright >= half;
            brightest = Math.Max(brightest, bright);
            between += bright is >= 2 * faint and < 255 - 2 * faint ? 1 : 0;
        }
        if (brightest is >= faint and < half || between > inside.Length / 10)
            throw new InvalidDataException($"The file '{path}' cannot be read as a mask: its brightest pixel is {brightest} of 255, and {between} of {inside.Length} are neither dark nor bright. Masks are black outside and white inside; save them as PNG, which changes no value.");
        return SegmentationMask.FromPixels(inside, image.Width, image.Height);
    }
}
