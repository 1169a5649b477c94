namespace Microsoft.ML.Data;

/// <summary>A table over objects. Every cursor enumerates them anew, one object a row, and only from its first move on.</summary>
internal sealed class EnumerableDataView<TRow> : IDataView where TRow : class
{
    private readonly IEnumerable<TRow> _rows;
    private readonly RowClassColumns<TRow> _columns;

    public EnumerableDataView(IEnumerable<TRow> rows, SchemaDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(rows);
        _rows = rows;
        _columns = new RowClassColumns<TRow>(definition ?? SchemaDefinition.Create(typeof(TRow), SchemaDefinition.Direction.Read));
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema => _columns.Schema;

    public long? GetRowCount() => _rows switch
    {
        ICollection<TRow> collection => collection.Count,
        IReadOnlyCollection<TRow> collection => collection.Count,
        _ => null,
    };

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null) =>
        new Cursor(this, new ActiveColumns(Schema, columnsNeeded));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(EnumerableDataView<TRow> view, ActiveColumns active) : CountingCursor(view.Schema, active)
    {
        private readonly RowBox<TRow> _box = new();
        private IEnumerator<TRow> _enumerator;

        public override ValueGetter<DataViewRowId> GetIdGetter() =>
            (ref DataViewRowId value) => value = new DataViewRowId((ulong)Position, 0);

        protected override bool MoveNextRow()
        {
            _enumerator ??= view._rows.GetEnumerator();
            if (!_enumerator.MoveNext())
            {
                _box.Row = null;
                return false;
            }

            _box.Row = _enumerator.Current
                ?? throw new InvalidOperationException($"Row {Position + 1} is null. Leave such rows out before loading.");
            return true;
        }

        protected override Delegate GetterOf(int column) => view._columns.CreateGetter(_box, column);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _enumerator?.Dispose();
            base.Dispose(disposing);
        }
    }
}
