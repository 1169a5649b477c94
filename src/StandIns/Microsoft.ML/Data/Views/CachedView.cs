namespace Microsoft.ML.Data;

/// <summary>Keeps in memory the columns that are read; each is taken from the source once, when a cursor first moves.</summary>
internal sealed class CachedView : IDataView
{
    private readonly IDataView _source;
    private readonly Lock _lock = new();
    private readonly int[] _prefetch;
    private readonly ColumnStore[] _columns;
    private int? _rowCount;

    public CachedView(IDataView source, IEnumerable<DataViewSchema.Column> prefetch)
    {
        _source = source;
        _prefetch = [.. prefetch.Select(column => column.Index)];
        _columns = new ColumnStore[source.Schema.Count];
    }

    public bool CanShuffle => true;

    public DataViewSchema Schema => _source.Schema;

    /// <summary>Known once the source has been read.</summary>
    public long? GetRowCount() => _rowCount;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null) =>
        new Cursor(this, new ActiveColumns(Schema, columnsNeeded), rand);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private int Fill(IEnumerable<int> needed)
    {
        lock (_lock)
        {
            int[] missing = [.. needed.Concat(_prefetch).Distinct().Where(i => _columns[i] == null)];
            if (missing.Length == 0 && _rowCount.HasValue)
                return _rowCount.Value;

            using DataViewRowCursor cursor = _source.GetRowCursor(missing.Select(i => Schema[i]));
            ColumnStore[] stores = [.. missing.Select(i => ColumnStore.Create(cursor, Schema[i]))];
            int count = 0;
            for (; cursor.MoveNext(); count++)
            {
                foreach (ColumnStore store in stores)
                    store.Read(count);
            }

            // Only now: a pass that fails halfway leaves the cache as it was.
            if (_rowCount.HasValue && _rowCount != count)
                throw new InvalidOperationException($"The cached data had {_rowCount} rows at first and {count} when further columns were read. Data under a cache must not change.");
            for (int i = 0; i < missing.Length; i++)
                _columns[missing[i]] = stores[i];
            _rowCount = count;
            return count;
        }
    }

    private sealed class Cursor(CachedView view, ActiveColumns active, Random rand) : CountingCursor(view.Schema, active)
    {
        private readonly ColumnStore.Slot _current = new() { Index = -1 };
        private int[] _order;
        private int _next;

        public override ValueGetter<DataViewRowId> GetIdGetter() =>
            (ref DataViewRowId value) => value = new DataViewRowId((ulong)_current.Index, 0);

        // The column may not be there yet: it is looked up by the first call, after the first move.
        protected override Delegate GetterOf(int column) =>
            (Delegate)MemberAccess.Call(typeof(Cursor), nameof(Late), [Schema[column].Type.RawType], this, column);

        private static ValueGetter<T> Late<T>(Cursor cursor, int column)
        {
            ValueGetter<T> getter = null;
            return (ref T value) =>
            {
                getter ??= (ValueGetter<T>)cursor.Column(column).GetterAt(cursor._current);
                getter(ref value);
            };
        }

        private ColumnStore Column(int index) =>
            view._columns[index] ?? throw new InvalidOperationException("The cursor stands before the first row. Call MoveNext before reading a value.");

        protected override bool MoveNextRow()
        {
            if (_order == null)
            {
                _order = [.. Enumerable.Range(0, view.Fill(Active.Indices))];
                rand?.Shuffle(_order);
            }

            if (_next == _order.Length)
                return false;
            _current.Index = _order[_next++];
            return true;
        }
    }
}
