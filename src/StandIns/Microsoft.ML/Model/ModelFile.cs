using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>
/// This assembly's own model files: a mark, the length of the content, its SHA-256, the content (transformer, then schema).
/// The official packages have another format, a zip; neither opens the other's.
/// </summary>
internal static class ModelFile
{
    private const int LengthSize = sizeof(long);

    private static ReadOnlySpan<byte> Mark => "ML stand-in 1\n"u8;

    private static ReadOnlySpan<byte> ZipMark => "PK"u8;

    public static void Write(Stream stream, ITransformer model, DataViewSchema schema)
    {
        using var content = new MemoryStream();
        using (var writer = new ModelWriter(content))
        {
            writer.Transformer(model);
            SchemaRecord.Write(writer, schema);
        }

        ReadOnlySpan<byte> bytes = content.GetBuffer().AsSpan(0, (int)content.Length);
        Span<byte> length = stackalloc byte[LengthSize];
        BinaryPrimitives.WriteInt64LittleEndian(length, bytes.Length);
        stream.Write(Mark);
        stream.Write(length);
        stream.Write(SHA256.HashData(bytes));
        stream.Write(bytes);
    }

    /// <exception cref="FormatException">It is no such file, or damaged.</exception>
    public static ITransformer Read(Stream stream, ComponentCatalog catalog, out DataViewSchema schema)
    {
        // A damaged length asks for no memory: what there is is read, and must be as long as said.
        using var all = new MemoryStream();
        stream.CopyTo(all);
        ReadOnlySpan<byte> bytes = all.GetBuffer().AsSpan(0, (int)all.Length);
        if (bytes.StartsWith(ZipMark))
            throw new FormatException("This is a model file of the official Microsoft.ML packages, or another zip. This stand-in for Microsoft.ML cannot open it: load it with the official packages.");
        int header = Mark.Length + LengthSize + SHA256.HashSizeInBytes;
        if (bytes.Length < header || !bytes.StartsWith(Mark))
            throw new FormatException("This is no model file.");
        ReadOnlySpan<byte> content = bytes[header..];
        long said = BinaryPrimitives.ReadInt64LittleEndian(bytes[Mark.Length..]);
        if (said != content.Length)
            throw new FormatException($"The model file is cut short, or something was added: its content has {content.Length} bytes and should have {said}.");
        if (!SHA256.HashData(content).AsSpan().SequenceEqual(bytes.Slice(Mark.Length + LengthSize, SHA256.HashSizeInBytes)))
            throw new FormatException("The model file is damaged: its checksum differs.");
        using var reader = new BinaryReader(new MemoryStream(all.GetBuffer(), header, content.Length, writable: false));
        try
        {
            ITransformer model = ModelReader.Read(reader, catalog);
            schema = SchemaRecord.Read(reader);
            return model;
        }
        catch (Exception error) when (error is EndOfStreamException or ArgumentException)
        {
            throw new FormatException($"The model file is damaged: {error.Message}", error);
        }
    }
}
