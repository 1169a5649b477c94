namespace Microsoft.ML.Data;

/// <summary>
/// The rows in random order, drawn from a pool that is refilled from the source as it streams by.
/// The pool's size bounds how far a row moves forward. One seed is one order, in every pass.
/// </summary>
internal sealed class ShuffledView(IDataView source, int seed, int poolSize, bool shuffleSource) : IDataView
{
    public bool CanShuffle => true;

    public DataViewSchema Schema => source.Schema;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var active = new ActiveColumns(Schema, columnsNeeded);
        rand ??= new Random(seed);
        Random sourceRand = shuffleSource && source.CanShuffle ? new Random(rand.Next()) : null;
        return new Cursor(source.GetRowCursor(active.Indices.Select(i => source.Schema[i]), sourceRand), active, rand, poolSize);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : CountingCursor
    {
        private readonly DataViewRowCursor _source;
        private readonly Random _rand;
        private readonly int _poolSize;
        private readonly Dictionary<int, ColumnStore> _columns = [];
        private readonly ColumnStore _ids;
        private readonly ColumnStore.Slot _current = new();

        // The slots in use, in no order; one of them is the current row.
        private readonly List<int> _pool = [];
        private int _currentInPool = -1;
        private bool _sourceEnded;

        public Cursor(DataViewRowCursor source, ActiveColumns active, Random rand, int poolSize) : base(source.Schema, active)
        {
            (_source, _rand, _poolSize) = (source, rand, poolSize);
            foreach (int index in active.Indices)
                _columns[index] = ColumnStore.Create(source, source.Schema[index]);
            _ids = ColumnStore.CreateForIds(source);
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ValueGetter<DataViewRowId>)_ids.GetterAt(_current);

        protected override Delegate GetterOf(int column) => _columns[column].GetterAt(_current);

        protected override bool MoveNextRow()
        {
            if (_currentInPool >= 0 && !ReadInto(_pool[_currentInPool]))
            {
                _pool[_currentInPool] = _pool[^1];
                _pool.RemoveAt(_pool.Count - 1);
            }

            while (_pool.Count < _poolSize && ReadInto(_pool.Count))
                _pool.Add(_pool.Count);
            if (_pool.Count == 0)
                return false;
            _currentInPool = _rand.Next(_pool.Count);
            _current.Index = _pool[_currentInPool];
            return true;
        }

        private bool ReadInto(int slot)
        {
            if (_sourceEnded || !_source.MoveNext())
            {
                _sourceEnded = true;
                return false;
            }

            foreach (ColumnStore column in _columns.Values)
                column.Read(slot);
            _ids.Read(slot);
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _source.Dispose();
            base.Dispose(disposing);
        }
    }
}
