using System.Text;

namespace Microsoft.ML.Data;

/// <summary>Writes transformers: each its kind, then what <see cref="ModelReader"/> makes one of that kind from.</summary>
internal sealed class ModelWriter(Stream stream) : IDisposable
{
    private readonly BinaryWriter _writer = new(stream, Encoding.UTF8, leaveOpen: true);

    public void Transformer(ITransformer transformer)
    {
        _writer.Flush();
        long start = stream.Position;
        using (var context = new ModelSaveContext(this))
            transformer.Save(context);
        _writer.Flush();
        if (stream.Position == start)
            throw new InvalidOperationException($"ModelSignature not specified! {transformer.GetType().Name} has saved nothing.");
    }

    public ModelWriter Kind(ModelKind kind)
    {
        _writer.Write((byte)kind);
        return this;
    }

    public ModelWriter Text(string value)
    {
        _writer.Write(value);
        return this;
    }

    public ModelWriter Texts(IReadOnlyCollection<string> values)
    {
        Number(values.Count);
        foreach (string value in values)
            Text(value);
        return this;
    }

    public ModelWriter Number(long value)
    {
        _writer.Write(value);
        return this;
    }

    public ModelWriter Bytes(ReadOnlySpan<byte> value)
    {
        Number(value.Length);
        _writer.Write(value);
        return this;
    }

    public void Dispose() => _writer.Dispose();
}
