namespace Microsoft.ML.Data;

/// <summary>A row with some of its columns, in another order.</summary>
internal sealed class SelectedColumnsMapper : IRowToRowMapper
{
    private readonly int[] _sources;

    public SelectedColumnsMapper(DataViewSchema inputSchema, IEnumerable<DataViewSchema.Column> selected)
    {
        InputSchema = inputSchema;
        _sources = [.. selected.Select(column => column.Index)];
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(_sources.Select(index => inputSchema[index]));
        OutputSchema = builder.ToSchema();
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        new ActiveColumns(OutputSchema, dependingColumns).Indices.Select(index => InputSchema[_sources[index]]);

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new MappedRow(input, OutputSchema, new ActiveColumns(OutputSchema, activeColumns), index => Getters.Of(input, InputSchema[_sources[index]]));
    }
}
