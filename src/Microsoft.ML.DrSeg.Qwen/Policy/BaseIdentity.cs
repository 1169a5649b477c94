using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Tells checkpoints apart without reading gigabytes: SHA-256 over the names and lengths of their files, the whole of small ones
/// (config.json, the index, a tokenizer's tables), and of large ones the beginning, which lists their tensors, and samples from all over.
/// </summary>
internal static class BaseIdentity
{
    private const int Whole = 1 << 20, Beginning = 1 << 18, Samples = 64, SampleLength = 1 << 12;

    private static readonly string[] Kinds = [".json", ".safetensors", ".pt", ".txt"];

    /// <summary>The identity of a folder's files, or of a file alone, in hexadecimal.</summary>
    public static string Of(string path)
    {
        string[] files = File.Exists(path)
            ? [path]
            : [.. Directory.EnumerateFiles(path).Where(file => Kinds.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in files) Append(hash, file);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, string file)
    {
        using FileStream stream = File.OpenRead(file);
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes(Path.GetFileName(file)));
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, stream.Length);
        hash.AppendData(length);
        if (stream.Length <= Whole)
        {
            Append(hash, stream, 0, (int)stream.Length);
            return;
        }
        Append(hash, stream, 0, Beginning);
        for (int sample = 0; sample < Samples; sample++)
            Append(hash, stream, Beginning + (long)((double)sample / (Samples - 1) * (stream.Length - Beginning - SampleLength)), SampleLength);
    }

    private static void Append(IncrementalHash hash, FileStream stream, long from, int count)
    {
        var bytes = new byte[count];
        stream.Position = from;
        stream.ReadExactly(bytes);
        hash.AppendData(bytes);
    }
}
