namespace Microsoft.ML.Data;

/// <summary>A transformer that makes one column out of one column. Only this assembly derives from it.</summary>
public abstract class OneToOneTransformerBase : RowToRowTransformerBase
{
    private protected OneToOneTransformerBase(string outputColumn, string inputColumn)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumn);
        ArgumentException.ThrowIfNullOrEmpty(inputColumn);
        (OutputColumn, InputColumn) = (outputColumn, inputColumn);
    }

    internal string OutputColumn { get; }

    internal string InputColumn { get; }

    private protected abstract DataViewSchema.DetachedColumn MakeOutput(string name, DataViewSchema.Column input);

    private protected abstract Delegate CreateGetter(DataViewRow row, DataViewSchema.Column input);

    private protected sealed override ColumnMapping MakeMapping(DataViewSchema inputSchema)
    {
        DataViewSchema.Column input = inputSchema.GetColumnOrNull(InputColumn) ?? throw SchemaErrors.Missing("input", InputColumn, inputSchema);
        return new Mapping(this, input);
    }

    private sealed class Mapping(OneToOneTransformerBase transformer, DataViewSchema.Column input) : ColumnMapping
    {
        public override DataViewSchema.DetachedColumn[] Added { get; } = [transformer.MakeOutput(transformer.OutputColumn, input)];

        public override IEnumerable<DataViewSchema.Column> InputsOf(int added) => [input];

        public override Delegate[] CreateGetters(DataViewRow row, bool[] active) => [active[0] ? transformer.CreateGetter(row, input) : null];
    }
}
