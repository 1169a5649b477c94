using Microsoft.ML.Transforms;

namespace Microsoft.ML.Data;

/// <inheritdoc cref="ColumnConcatenatingEstimator"/>
public sealed class ColumnConcatenatingTransformer : RowToRowTransformerBase
{
    private readonly string _outputColumn;
    private readonly string[] _inputColumns;

    internal ColumnConcatenatingTransformer(string outputColumn, string[] inputColumns)
    {
        (_outputColumn, _inputColumns) = (outputColumn, inputColumns);
    }

    private protected override void Save(ModelWriter writer) => writer.Kind(ModelKind.Concatenate).Text(_outputColumn).Texts(_inputColumns);

    private protected override ColumnMapping MakeMapping(DataViewSchema inputSchema)
    {
        DataViewSchema.Column[] inputs = [.. _inputColumns.Select(name => inputSchema.GetColumnOrNull(name) ?? throw SchemaErrors.Missing("input", name, inputSchema))];
        return new Mapping(_outputColumn, inputs);
    }

    private sealed class Mapping : ColumnMapping
    {
        private readonly DataViewSchema.Column[] _inputs;
        private readonly PrimitiveDataViewType _itemType;

        public Mapping(string outputColumn, DataViewSchema.Column[] inputs)
        {
            _inputs = inputs;
            DataViewType first = ItemOf(inputs[0]);
            foreach (DataViewSchema.Column input in inputs)
            {
                if (ItemOf(input) is not PrimitiveDataViewType item || !item.Equals(first))
                    throw SchemaErrors.Mismatch("input", input.Name, first.ToString(), input.Type.ToString());
            }

            _itemType = (PrimitiveDataViewType)first;
            bool known = inputs.All(input => input.Type is not VectorDataViewType { IsKnownSize: false });
            var type = new VectorDataViewType(_itemType, known ? inputs.Sum(SizeOf) : 0);
            Added = [new(outputColumn, type, known ? SlotNames.Join(inputs) : null)];
        }

        public override DataViewSchema.DetachedColumn[] Added { get; }

        public override IEnumerable<DataViewSchema.Column> InputsOf(int added) => _inputs;

        public override Delegate[] CreateGetters(DataViewRow input, bool[] active) =>
            [active[0] ? (Delegate)MemberAccess.Call(typeof(Mapping), nameof(Join), [_itemType.RawType], input, _inputs) : null];

        private static DataViewType ItemOf(DataViewSchema.Column column) => (column.Type as VectorDataViewType)?.ItemType ?? column.Type;

        private static int SizeOf(DataViewSchema.Column column) => (column.Type as VectorDataViewType)?.Size ?? 1;

        private static ValueGetter<VBuffer<T>> Join<T>(DataViewRow row, DataViewSchema.Column[] inputs)
        {
            Func<VBuffer<T>>[] parts = [.. inputs.Select(input => Part<T>(row, input))];
            var values = new VBuffer<T>[parts.Length];
            return (ref VBuffer<T> result) =>
            {
                int length = 0;
                for (int i = 0; i < parts.Length; i++)
                {
                    values[i] = parts[i]();
                    length += values[i].Length;
                }

                VBufferEditor<T> editor = VBufferEditor.Create(ref result, length);
                int at = 0;
                foreach (VBuffer<T> value in values)
                {
                    value.CopyTo(editor.Values, at);
                    at += value.Length;
                }

                result = editor.Commit();
            };
        }

        private static Func<VBuffer<T>> Part<T>(DataViewRow row, DataViewSchema.Column input)
        {
            if (input.Type is VectorDataViewType vector)
            {
                ValueGetter<VBuffer<T>> getter = row.GetGetter<VBuffer<T>>(input);
                VBuffer<T> value = default;
                return () =>
                {
                    getter(ref value);
                    if (vector.IsKnownSize && value.Length != vector.Size)
                        throw new InvalidOperationException($"Column '{input.Name}' of type {vector} has a vector of {value.Length} items in row {row.Position}.");
                    return value;
                };
            }

            ValueGetter<T> scalar = row.GetGetter<T>(input);
            var single = new T[1];
            return () =>
            {
                scalar(ref single[0]);
                return new VBuffer<T>(1, single);
            };
        }
    }
}
