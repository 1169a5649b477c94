namespace Microsoft.ML;

/// <summary>A row that moves on. It stands before the first row until <see cref="MoveNext"/> is called.</summary>
public abstract class DataViewRowCursor : DataViewRow
{
    protected DataViewRowCursor()
    {
    }

    public abstract bool MoveNext();
}
