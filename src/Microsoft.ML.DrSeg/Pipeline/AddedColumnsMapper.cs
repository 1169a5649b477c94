using Microsoft.ML.Data;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>Input rows with <see cref="AddedColumns"/> after their own.</summary>
internal sealed class AddedColumnsMapper : IRowToRowMapper
{
    private readonly AddedColumns _added;

    public AddedColumnsMapper(DataViewSchema inputSchema, AddedColumns added)
    {
        (InputSchema, _added) = (inputSchema, added);
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(inputSchema);
        builder.AddColumns(added.Outputs);
        OutputSchema = builder.ToSchema();
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        var needed = new SortedSet<int>();
        foreach (var column in dependingColumns)
        {
            if (column.Index < InputSchema.Count)
                needed.Add(column.Index);
            else
                needed.UnionWith(_added.Inputs.Select(input => input.Index));
        }
        return needed.Select(index => InputSchema[index]);
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) =>
        new Row(this, input, null, [.. activeColumns.Select(column => column.Index)]);

    /// <summary>The inputs that are worth a cursor of their own, which reads ahead; null where rows are computed one by one, or not at all.</summary>
    public IEnumerable<DataViewSchema.Column>? GetColumnsAhead(IEnumerable<DataViewSchema.Column> activeColumns) =>
        _added.BatchSize > 1 && activeColumns.Any(column => column.Index >= InputSchema.Count) ? _added.Inputs : null;

    /// <summary>A row over one cursor, with another that reads ahead.</summary>
    public DataViewRow GetRow(DataViewRow input, DataViewRowCursor ahead, IEnumerable<DataViewSchema.Column> activeColumns) =>
        new Row(this, input, ahead, [.. activeColumns.Select(column => column.Index)]);

    private sealed class Row(AddedColumnsMapper mapper, DataViewRow input, DataViewRowCursor? ahead, HashSet<int> active) : DataViewRow
    {
        // Only made where an added column is asked for: then the input row has what they need.
        private Delegate[]? _getters;

        public override DataViewSchema Schema => mapper.OutputSchema;

        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column))
                throw new ArgumentOutOfRangeException(nameof(column), $"The column '{column.Name}' was not asked for when the row was opened.");
            if (column.Index < mapper.InputSchema.Count)
                return input.GetGetter<TValue>(mapper.InputSchema[column.Index]);
            _getters ??= ahead is null ? mapper._added.CreateGetters(input) : mapper._added.CreateGetters(input, ahead);
            return _getters[column.Index - mapper.InputSchema.Count] as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"The column '{column.Name}' holds {column.Type.RawType}, not {typeof(TValue)}.");
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                ahead?.Dispose();
                input.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}
