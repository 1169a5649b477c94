using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>Files of one image's annotations, read whole: none is larger than a record of a large file may be.</summary>
internal static class SmallFile
{
    private const long LongestFile = 1 << 26;

    /// <exception cref="InvalidDataException">It is larger than such files are.</exception>
    public static byte[] Read(string path) => new FileInfo(path).Length <= LongestFile
        ? File.ReadAllBytes(path)
        : throw new InvalidDataException($"'{path}' has more than {LongestFile} bytes: it is no file of one image's annotations.");

    public static string[] Lines(string path) => Text(Read(path)).Split('\n').Select(line => line.TrimEnd('\r')).ToArray();

    public static JsonDocument Json(string path) => JsonDocument.Parse(Text(Read(path)));

    // UTF-8; what is none is in Windows-1252, which ASCII's neighbours are in older tools' files.
    private static string Text(byte[] file)
    {
        ReadOnlySpan<byte> bytes = file;
        if (bytes.StartsWith(Encoding.UTF8.Preamble))
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : CodePagesEncodingProvider.Instance.GetEncoding(1252)!.GetString(bytes);
    }
}
