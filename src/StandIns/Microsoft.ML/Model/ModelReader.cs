using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Data;

/// <summary>Reads what a <see cref="ModelWriter"/> wrote.</summary>
internal static class ModelReader
{
    private const int DeepestChain = 64;

    /// <exception cref="FormatException">It holds something unknown, or more than it can.</exception>
    public static ITransformer Read(BinaryReader reader, ComponentCatalog catalog, int depth = 0)
    {
        if (depth > DeepestChain)
            throw new FormatException($"The model file holds chains within chains, more than {DeepestChain} deep.");
        var kind = (ModelKind)reader.ReadByte();
        return kind switch
        {
            ModelKind.Chain => new TransformerChain<ITransformer>([.. Enumerable.Range(0, Count(reader)).Select(_ => Read(reader, catalog, depth + 1))]),
            ModelKind.CopyColumns => new ColumnCopyingTransformer(reader.ReadString(), reader.ReadString()),
            ModelKind.DropColumns => ColumnSelectingTransformer.Drop(Texts(reader)),
            ModelKind.SelectColumns => ColumnSelectingTransformer.Select(Texts(reader), reader.ReadInt64() != 0),
            ModelKind.Concatenate => new ColumnConcatenatingTransformer(reader.ReadString(), Texts(reader)),
            ModelKind.Expression => new ExpressionTransformer(reader.ReadString(), reader.ReadString(), Texts(reader)),
            ModelKind.MapValue => new ValueMappingTransformer(reader.ReadString(), reader.ReadString(), Table(reader)),
            ModelKind.CustomMapping => catalog.CreateCustomMapping(reader.ReadString(), reader.ReadString()),
            ModelKind.LoadImages => new ImageLoadingTransformer(reader.ReadString(), reader.ReadString(), reader.ReadString()),
            ModelKind.ResizeImages => new ImageResizingTransformer(
                reader.ReadString(), (int)reader.ReadInt64(), (int)reader.ReadInt64(), reader.ReadString(),
                (ImageResizingEstimator.ResizingKind)reader.ReadInt64(), (ImageResizingEstimator.Anchor)reader.ReadInt64()),
            _ => throw new FormatException($"The model file holds a transformer of the unknown kind {kind}."),
        };
    }

    private static string[] Texts(BinaryReader reader) => [.. Enumerable.Range(0, Count(reader)).Select(_ => reader.ReadString())];

    private static Dictionary<string, byte[]> Table(BinaryReader reader)
    {
        var table = new Dictionary<string, byte[]>();
        for (int rows = Count(reader); rows > 0; rows--)
            table.Add(reader.ReadString(), reader.ReadBytes(Count(reader)));
        return table;
    }

    // Everything that is counted takes at least a byte.
    private static int Count(BinaryReader reader)
    {
        long count = reader.ReadInt64();
        return count >= 0 && count <= reader.BaseStream.Length - reader.BaseStream.Position
            ? (int)count
            : throw new FormatException($"The model file speaks of {count} items, which it cannot hold.");
    }
}
