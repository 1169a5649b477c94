using System.Buffers.Binary;

namespace Microsoft.ML.DrSeg.Data;

/// <summary>Finds image files by their name without extension, and reads their size without decoding them.</summary>
internal static class ImageFiles
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".webp"];

    public static bool IsImage(string path) => Extensions.Contains(Path.GetExtension(path).ToLowerInvariant());

    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">The name leads out of the folder.</exception>
    public static string Find(DataFolder folder, string name)
    {
        foreach (string extension in Extensions)
            if (folder.Resolve(name + extension) is var path && File.Exists(path))
                return path;
        throw new FileNotFoundException($"There is no image '{name}' ({string.Join(", ", Extensions)}) in '{folder.FullPath}'.", name);
    }

    /// <summary>Columns and rows, from the file's header.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no image.</exception>
    public static (int Width, int Height) SizeOf(string path)
    {
        if (File.Exists(path))
        {
            using FileStream file = File.OpenRead(path);
            Span<byte> head = stackalloc byte[24];
            int read = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            if (read == head.Length && head.StartsWith(PngFormat.Signature))
                return (BinaryPrimitives.ReadInt32BigEndian(head[16..]), BinaryPrimitives.ReadInt32BigEndian(head[20..]));
            if (head is [0xFF, 0xD8, ..] && SizeOfJpeg(file) is { } size)
                return size;
        }
        // Other formats, and the messages about what is no image at all.
        using var image = ImageFile.Open(path);
        return (image.Width, image.Height);
    }

    // Segments of a marker and a length, until the one that begins a frame (ITU-T T.81, annex B).
    private static (int, int)? SizeOfJpeg(FileStream file)
    {
        Span<byte> segment = stackalloc byte[9];
        for (long at = 2; ;)
        {
            file.Position = at;
            if (file.ReadAtLeast(segment, segment.Length, throwOnEndOfStream: false) < segment.Length || segment[0] != 0xFF)
                return null;
            if (segment[1] is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
                return (BinaryPrimitives.ReadUInt16BigEndian(segment[7..]), BinaryPrimitives.ReadUInt16BigEndian(segment[5..]));
            at += segment[1] == 0xFF ? 1 : 2 + BinaryPrimitives.ReadUInt16BigEndian(segment[2..]);
        }
    }
}
