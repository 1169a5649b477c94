using System.IO.Compression;
using System.IO.Hashing;

namespace Microsoft.ML.DrSeg.Models;

/// <summary>The zip files that models and checkpoints are saved as: equal contents give equal files, and damage is found.</summary>
internal static class Archive
{
    // Weights shrink by a tenth. What shrinks a hundred times as much is there to fill the memory.
    private const long SmallEntry = 1 << 20, LargestRatio = 20;

    /// <summary>An entry to write.</summary>
    public readonly record struct Entry(string Name, Action<Stream> Write);

    public static void Write(Stream stream, CompressionLevel compression, IEnumerable<Entry> entries)
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach (Entry entry in entries)
        {
            ZipArchiveEntry made = zip.CreateEntry(entry.Name, compression);
            made.LastWriteTime = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
            using Stream content = made.Open();
            entry.Write(content);
        }
    }

    public static ZipArchive Open(Stream stream)
    {
        var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
        string? problem = zip.Entries.GroupBy(entry => entry.FullName).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? $"It has {twice.Count()} entries '{twice.Key}'."
            // What an entry grows to is measured by its length in the file, which is itself only a claim.
            : zip.Entries.FirstOrDefault(entry => entry.CompressedLength > stream.Length) is { } beyond
                ? $"Its entry '{beyond.FullName}' claims {beyond.CompressedLength} bytes of a file of {stream.Length}."
                : null;
        if (problem is null)
            return zip;
        zip.Dispose();
        throw new InvalidDataException(problem);
    }

    public static byte[] Read(ZipArchive zip, string name)
    {
        ZipArchiveEntry entry = zip.GetEntry(name) ?? throw new InvalidDataException($"It has no entry '{name}'.");
        if (entry.Length > Math.Min(Array.MaxLength, SmallEntry + LargestRatio * entry.CompressedLength))
            throw new InvalidDataException($"Its entry '{name}' would grow from {entry.CompressedLength} bytes to {entry.Length}, more than weights ever do.");
        var bytes = new byte[entry.Length];
        using Stream stream = entry.Open();
        // Opening an entry compares neither its length nor its checksum, and a changed bit of a weight would go unnoticed.
        int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (read < bytes.Length || stream.ReadByte() >= 0)
            throw new InvalidDataException($"Its entry '{name}' is damaged: it is not {bytes.Length} bytes long.");
        if (Crc32.HashToUInt32(bytes) != entry.Crc32)
            throw new InvalidDataException($"Its entry '{name}' is damaged: the checksum differs.");
        return bytes;
    }
}
