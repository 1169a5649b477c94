namespace Microsoft.ML;

/// <summary>A table that is read row by row through cursors; its values exist only while they are read.</summary>
public interface IDataView
{
    /// <summary>Whether a cursor follows the generator given to it.</summary>
    bool CanShuffle { get; }

    DataViewSchema Schema { get; }

    /// <summary>The number of rows where it is known without reading them, otherwise null.</summary>
    long? GetRowCount();

    /// <param name="columnsNeeded">The columns that will be read; no others may be.</param>
    DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null);

    /// <summary>Cursors that together deliver every row once. There may be fewer than n.</summary>
    DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null);
}
