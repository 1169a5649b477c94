using Microsoft.ML.Data;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>A column of an <see cref="EnumeratedView{TRow}"/>.</summary>
/// <param name="CreateGetter">Makes a <see cref="ValueGetter{TValue}"/> of a function that gives the row the cursor stands on.</param>
internal sealed record EnumeratedColumn<TRow>(string Name, DataViewType Type, Func<Func<TRow>, Delegate> CreateGetter)
{
    public static EnumeratedColumn<TRow> Of<TValue>(string name, DataViewType type, Func<TRow, TValue> read) =>
        new(name, type, current => (ValueGetter<TValue>)((ref TValue value) => value = read(current())));

    public static EnumeratedColumn<TRow> OfVector<TItem>(string name, PrimitiveDataViewType type, Func<TRow, IReadOnlyList<TItem>> read) =>
        new(name, new VectorDataViewType(type), current => (ValueGetter<VBuffer<TItem>>)((ref VBuffer<TItem> value) =>
        {
            IReadOnlyList<TItem> items = read(current());
            var editor = VBufferEditor.Create(ref value, items.Count);
            for (int i = 0; i < items.Count; i++)
                editor.Values[i] = items[i];
            value = editor.Commit();
        }));

    /// <summary>A column of images; the one handed over before is disposed, as ML.NET's own image columns do.</summary>
    public static EnumeratedColumn<TRow> OfImage(string name, DataViewType type, Func<TRow, MLImage> read) =>
        new(name, type, current => (ValueGetter<MLImage>)((ref MLImage value) =>
        {
            value?.Dispose();
            value = read(current());
        }));
}

/// <summary>
/// Rows of an enumerable as a data view. Every pass enumerates anew, nothing is enumerated before a cursor moves, and a
/// value is made when it is asked for.
/// </summary>
internal sealed class EnumeratedView<TRow> : IDataView
{
    private readonly EnumeratedColumn<TRow>[] _columns;
    private readonly IEnumerable<TRow> _rows;
    private readonly long? _count;

    /// <param name="rows">The rows; enumerated once a cursor.</param>
    public EnumeratedView(IEnumerable<TRow> rows, long? count, params EnumeratedColumn<TRow>[] columns)
    {
        (_rows, _count, _columns) = (rows, count, columns);
        var builder = new DataViewSchema.Builder();
        foreach (EnumeratedColumn<TRow> column in columns)
            builder.AddColumn(column.Name, column.Type);
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
