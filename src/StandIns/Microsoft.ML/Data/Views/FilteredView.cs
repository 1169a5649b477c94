namespace Microsoft.ML.Data;

/// <summary>The rows that a test lets pass.</summary>
/// <param name="testColumns">The columns the test reads, of the source's schema.</param>
/// <param name="bind">Makes the test over a cursor of the source.</param>
/// <param name="mayShuffle">Whether the rows that pass stay the same when the source shuffles.</param>
internal sealed class FilteredView(IDataView source, IEnumerable<DataViewSchema.Column> testColumns, Func<DataViewRow, Func<bool>> bind, bool mayShuffle = true) : IDataView
{
    public bool CanShuffle => mayShuffle && source.CanShuffle;

    public DataViewSchema Schema => source.Schema;

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var active = new ActiveColumns(Schema, columnsNeeded);
        IEnumerable<DataViewSchema.Column> needed = active.Indices.Select(i => source.Schema[i]).Concat(testColumns);
        return new Cursor(source.GetRowCursor(needed, CanShuffle ? rand : null), active, bind);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(DataViewRowCursor source, ActiveColumns active, Func<DataViewRow, Func<bool>> bind) : PassingCursor(source, active)
    {
        private readonly Func<bool> _passes = bind(source);

        protected override bool MoveNextRow()
        {
            while (Source.MoveNext())
            {
                if (_passes())
                    return true;
            }

            return false;
        }
    }
}
