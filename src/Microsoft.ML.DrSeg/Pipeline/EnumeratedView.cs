using Microsoft.ML.Data;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// Rows of an enumerable as a data view. Every pass enumerates anew, nothing is enumerated before a cursor moves, and a
/// value is made when it is asked for.
/// </summary>
internal sealed class EnumeratedView<TRow> : IDataView
{
    private readonly RowColumn<TRow>[] _columns;
    private readonly IEnumerable<TRow> _rows;
    private readonly long? _count;

    /// <param name="rows">The rows; enumerated once a cursor.</param>
    public EnumeratedView(IEnumerable<TRow> rows, long? count, params RowColumn<TRow>[] columns)
    {
        (_rows, _count, _columns) = (rows, count, columns);
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(columns.Select(column => column.Detached));
        Schema = builder.ToSchema();
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, [.. columnsNeeded.Select(column => column.Index)]);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(EnumeratedView<TRow> view, HashSet<int> active) : DataViewRowCursor
    {
        private readonly IEnumerator<TRow> _rows = view._rows.GetEnumerator();
        private long _position = -1;
        private bool _ended;

        public override long Position => _ended ? -1 : _position;

        public override long Batch => 0;

        public override DataViewSchema Schema => view.Schema;

        private TRow Current => Position >= 0
            ? _rows.Current
            : throw new InvalidOperationException("The cursor stands on no row: call MoveNext first, and read only while it returns true.");

        public override bool MoveNext()
        {
            if (_ended)
                return false;
            _position++;
            _ended = !_rows.MoveNext();
            return !_ended;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new((ulong)Position, 0);

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column))
                throw new ArgumentOutOfRangeException(nameof(column), $"The column '{column.Name}' was not asked for when the cursor was opened.");
            return view._columns[column.Index].CreateGetter(() => Current) as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"The column '{column.Name}' holds {column.Type.RawType}, not {typeof(TValue)}.");
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _rows.Dispose();
            base.Dispose(disposing);
        }
    }
}
