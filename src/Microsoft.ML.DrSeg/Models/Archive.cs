using System.IO.Compression;
using Microsoft.ML.DrSeg.Data;

namespace Microsoft.ML.DrSeg.Models;

/// <summary>The zip files that models and checkpoints are saved as: equal contents give equal files, and damage is found.</summary>
internal static class Archive
{
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

    /// <exception cref="InvalidDataException">There is no such entry, or its checksum differs.</exception>
    public static byte[] Read(ZipArchive zip, string name)
    {
        ZipArchiveEntry entry = zip.GetEntry(name) ?? throw new InvalidDataException($"It has no entry '{name}'.");
        using Stream stream = entry.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        // Opening an entry does not compare its checksum, and a changed bit of a weight would go unnoticed.
        if (Crc32.Of(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)) != entry.Crc32)
            throw new InvalidDataException($"Its entry '{name}' is damaged: the checksum differs.");
        return bytes.ToArray();
    }
}
