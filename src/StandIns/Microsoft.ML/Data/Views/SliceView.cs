namespace Microsoft.ML.Data;

/// <summary>The rows that remain when some are skipped and no more than some are taken.</summary>
internal sealed class SliceView(IDataView source, long skip, long take) : IDataView
{
    // Shuffled first, other rows would be left.
    public bool CanShuffle => false;

    public DataViewSchema Schema => source.Schema;

    public long? GetRowCount() => source.GetRowCount() is { } count ? Math.Min(Math.Max(count - skip, 0), take) : null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var active = new ActiveColumns(Schema, columnsNeeded);
        return new Cursor(source.GetRowCursor(active.Indices.Select(i => source.Schema[i])), active, skip, take);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(DataViewRowCursor source, ActiveColumns active, long skip, long take) : PassingCursor(source, active)
    {
        private long _toSkip = skip, _toTake = take;

        protected override bool MoveNextRow()
        {
            for (; _toSkip > 0; _toSkip--)
            {
                if (!Source.MoveNext())
                    return false;
            }

            return _toTake-- > 0 && Source.MoveNext();
        }
    }
}
