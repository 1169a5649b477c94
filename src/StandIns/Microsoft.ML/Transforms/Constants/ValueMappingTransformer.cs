using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <inheritdoc cref="ValueMappingEstimator"/>
public class ValueMappingTransformer : OneToOneTransformerBase
{
    private readonly Dictionary<string, byte[]> _table;

    internal ValueMappingTransformer(string outputColumn, string inputColumn, Dictionary<string, byte[]> table) : base(outputColumn, inputColumn)
    {
        _table = table;
        int[] lengths = [.. table.Values.Select(value => value.Length).Distinct()];
        OutputType = new VectorDataViewType(NumberDataViewType.Byte, lengths.Length == 1 ? lengths[0] : 0);
    }

    internal VectorDataViewType OutputType { get; }

    private protected override void Save(ModelWriter writer)
    {
        writer.Kind(ModelKind.MapValue).Text(OutputColumn).Text(InputColumn).Number(_table.Count);
        foreach ((string key, byte[] value) in _table)
            writer.Text(key).Bytes(value);
    }

    private protected override DataViewSchema.DetachedColumn MakeOutput(string name, DataViewSchema.Column input) => input.Type is TextDataViewType
        ? new(name, OutputType)
        : throw SchemaErrors.Mismatch("input", input.Name, "String", input.Type.ToString());

    private protected override Delegate CreateGetter(DataViewRow row, DataViewSchema.Column input)
    {
        ValueGetter<ReadOnlyMemory<char>> getter = row.GetGetter<ReadOnlyMemory<char>>(input);
        ReadOnlyMemory<char> key = default;
        return new ValueGetter<VBuffer<byte>>((ref VBuffer<byte> value) =>
        {
            getter(ref key);
            // A copy: who receives a vector may write to it.
            value = _table.TryGetValue(key.ToString(), out byte[] found) ? new VBuffer<byte>(found.Length, [.. found]) : default;
        });
    }
}
