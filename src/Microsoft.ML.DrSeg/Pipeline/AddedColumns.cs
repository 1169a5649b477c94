using Microsoft.ML.Data;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// Input rows with the columns that a transformer adds after their own; an added column with the name of an input column hides it.
/// All that a transformer has to say to become rows, cursors and views, since ML.NET's own base classes are closed to other assemblies.
/// </summary>
/// <param name="inputs">The input columns that the added ones are computed from.</param>
/// <param name="batchSize">How many rows are computed together where a view is read, at least 1.</param>
internal abstract class AddedColumns(
    DataViewSchema inputSchema, DataViewSchema.Column[] inputs, IEnumerable<DataViewSchema.DetachedColumn> outputs, int batchSize) : IRowToRowMapper
{
    public DataViewSchema InputSchema => inputSchema;

    public DataViewSchema OutputSchema { get; } = With(inputSchema, outputs);

    public IReadOnlyList<DataViewSchema.Column> Inputs => inputs;

    protected int BatchSize => batchSize;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        var needed = new SortedSet<int>();
        foreach (var column in dependingColumns)
        {
            if (column.Index < inputSchema.Count)
                needed.Add(column.Index);
            else
                needed.UnionWith(inputs.Select(input => input.Index));
        }
        return needed.Select(index => inputSchema[index]);
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) => GetRow(input, null, activeColumns);

    /// <summary>A row over one cursor, with another that reads ahead what some rows together need.</summary>
    public DataViewRow GetRow(DataViewRow input, DataViewRowCursor? ahead, IEnumerable<DataViewSchema.Column> activeColumns) =>
        new Row(this, input, ahead, [.. activeColumns.Select(column => column.Index)]);

    /// <summary>The inputs that are worth a cursor of their own, which reads ahead; null where rows are computed one by one, or not at all.</summary>
    public IEnumerable<DataViewSchema.Column>? GetColumnsAhead(IEnumerable<DataViewSchema.Column> activeColumns) =>
        batchSize > 1 && activeColumns.Any(column => column.Index >= inputSchema.Count) ? inputs : null;

    /// <summary>One <see cref="ValueGetter{TValue}"/> an added column, over an input row that moves on.</summary>
    protected abstract Delegate[] CreateGetters(DataViewRow input, DataViewRowCursor? ahead);

    private static DataViewSchema With(DataViewSchema schema, IEnumerable<DataViewSchema.DetachedColumn> outputs)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(schema);
        builder.AddColumns(outputs);
        return builder.ToSchema();
    }

    private sealed class Row(AddedColumns columns, DataViewRow input, DataViewRowCursor? ahead, HashSet<int> active) : DataViewRow
    {
        // Only made where an added column is asked for: then the input row has what they need.
        private Delegate[]? _getters;

        public override DataViewSchema Schema => columns.OutputSchema;

        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column))
                throw new ArgumentOutOfRangeException(nameof(column), $"The column '{column.Name}' was not asked for when the row was opened.");
            if (column.Index < columns.InputSchema.Count)
                return input.GetGetter<TValue>(columns.InputSchema[column.Index]);
            _getters ??= columns.CreateGetters(input, ahead);
            return _getters[column.Index - columns.InputSchema.Count] as ValueGetter<TValue>
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
