using Microsoft.ML.DrSeg.Imaging;
using SkiaSharp;

namespace Microsoft.ML.DrSeg.Scenes;

/// <summary>An object cut out of a photograph: colours and alpha, trimmed to the box where alpha is not 0.</summary>
/// <param name="entry">Its row of the table.</param>
/// <param name="width">Pixels in a row.</param>
/// <param name="height">Rows.</param>
/// <param name="pixels">Red, green, blue, each multiplied by alpha, and alpha: four bytes a pixel.</param>
/// <param name="longerSide">The longer side in the file, before any shrinking: what enlargement is measured by.</param>
internal sealed class Cutout(CutoutEntry entry, int width, int height, byte[] pixels, int longerSide)
{
    public CutoutEntry Entry => entry;
    public int Width => width;
    public int Height => height;
    public byte[] Pixels => pixels;
    public int LongerSide => longerSide;

    /// <summary>Reads a file and shrinks it, by area average, to the given longer side if it is larger.</summary>
    /// <exception cref="InvalidDataException">Not an image, or nothing in it is opaque, or all of it is.</exception>
    public static Cutout Load(string folder, CutoutEntry entry, int longestSide)
    {
        string path = Path.Combine(folder, entry.File);
        using SKBitmap image = ImageFile.Decode(path);
        var (left, top, right, bottom) = AlphaBox(image);
        if (right <= left)
            throw new InvalidDataException($"The cut-out '{path}' has no opaque pixel: a cut-out needs an alpha channel that is at least half opaque on the object.");
        if (right - left == image.Width && bottom - top == image.Height && IsOpaque(image))
            throw new InvalidDataException($"The picture '{path}' has no transparent pixel: it is no cut-out. Cut the object out (transparent around it), or take the file away.");
        int width = right - left, height = bottom - top, longerSide = Math.Max(width, height);
        byte[] pixels = Cut(image, left, top, width, height);
        if (longerSide <= longestSide)
            return new(entry, width, height, pixels, longerSide);
        double scale = (double)longestSide / longerSide;
        int columns = Math.Max(1, (int)Math.Round(width * scale)), rows = Math.Max(1, (int)Math.Round(height * scale));
        return new(entry, columns, rows, RegionSampler.Shrink(pixels, 4, width, height, columns, rows), longerSide);
    }

    // The box of pixels that are not quite transparent; below 8 of 255 nothing can be seen.
    private static (int Left, int Top, int Right, int Bottom) AlphaBox(SKBitmap image)
    {
        const int visible = 8;
        ReadOnlySpan<byte> pixels = image.GetPixelSpan();
        int left = image.Width, top = image.Height, right = 0, bottom = 0;
        bool opaque = false;
        for (int y = 0, at = 3; y < image.Height; y++)
            for (int x = 0; x < image.Width; x++, at += 4)
            {
                if (pixels[at] < visible)
                    continue;
                opaque |= pixels[at] >= 128;
                (left, right) = (Math.Min(left, x), Math.Max(right, x + 1));
                (top, bottom) = (Math.Min(top, y), y + 1);
            }
        return opaque ? (left, top, right, bottom) : default;
    }

    private static bool IsOpaque(SKBitmap image)
    {
        ReadOnlySpan<byte> pixels = image.GetPixelSpan();
        for (int at = 3; at < pixels.Length; at += 4)
            if (pixels[at] != 255)
                return false;
        return true;
    }

    private static byte[] Cut(SKBitmap image, int left, int top, int width, int height)
    {
        byte[] result = new byte[4 * width * height];
        ReadOnlySpan<byte> pixels = image.GetPixelSpan();
        for (int y = 0; y < height; y++)
            pixels.Slice(4 * ((top + y) * image.Width + left), 4 * width).CopyTo(result.AsSpan(4 * y * width));
        return result;
    }
}
