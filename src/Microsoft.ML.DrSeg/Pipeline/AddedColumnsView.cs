using Microsoft.ML.Data;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>A view with <see cref="AddedColumns"/>: nothing is computed until a cursor is read.</summary>
internal sealed class AddedColumnsView(IDataView source, AddedColumns columns) : IDataView
{
    public bool CanShuffle => source.CanShuffle;

    public DataViewSchema Schema => columns.OutputSchema;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        return columns.GetColumnsAhead(needed) is { } columnsAhead
            ? Over(columnsAhead, needed, rand?.Next())
            : Over(source.GetRowCursor(columns.GetDependencies(needed), rand), needed);
    }

    /// <summary>As many cursors as the source gives: each thread that reads one computes its own rows. One where rows are computed together.</summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        // Two sets of cursors need not divide the rows in the same way.
        if (columns.GetColumnsAhead(needed) is { } columnsAhead)
            return [Over(columnsAhead, needed, rand?.Next())];
        return [.. source.GetRowCursorSet(columns.GetDependencies(needed), n, rand).Select(cursor => Over(cursor, needed))];
    }

    private Cursor Over(DataViewRowCursor cursor, DataViewSchema.Column[] needed) => new(cursor, columns.GetRow(cursor, needed));

    // Both cursors shuffle alike. The one that stays only hands on columns of the source: the added ones come from the one ahead.
    private Cursor Over(IEnumerable<DataViewSchema.Column> columnsAhead, DataViewSchema.Column[] needed, int? seed)
    {
        DataViewRowCursor ahead = source.GetRowCursor(columnsAhead, Shuffle());
        try
        {
            DataViewRowCursor cursor = source.GetRowCursor(columns.GetDependencies(needed.Where(column => column.Index < columns.InputSchema.Count)), Shuffle());
            return new(cursor, columns.GetRow(cursor, ahead, needed));
        }
        catch
        {
            ahead.Dispose();
            throw;
        }

        Random? Shuffle() => seed is { } number ? new Random(number) : null;
    }

    /// <summary>The row moves with the source; disposing it disposes the source.</summary>
    private sealed class Cursor(DataViewRowCursor source, DataViewRow row) : DataViewRowCursor
    {
        public override DataViewSchema Schema => row.Schema;

        public override long Position => source.Position;

        public override long Batch => source.Batch;

        public override bool MoveNext() => source.MoveNext();

        public override ValueGetter<DataViewRowId> GetIdGetter() => source.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => row.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => row.GetGetter<TValue>(column);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                row.Dispose();
            base.Dispose(disposing);
        }
    }
}
