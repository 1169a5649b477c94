using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>A row whose values are fetched by getters.</summary>
public abstract class DataViewRow : IDisposable
{
    private bool _disposed;

    protected DataViewRow()
    {
    }

    /// <summary>The row's number within its cursor, from 0; -1 before the first and after the last.</summary>
    public abstract long Position { get; }

    public abstract long Batch { get; }

    public abstract DataViewSchema Schema { get; }

    public abstract ValueGetter<DataViewRowId> GetIdGetter();

    public abstract bool IsColumnActive(DataViewSchema.Column column);

    public abstract ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column);

    public void Dispose()
    {
        if (_disposed)
            return;
        Dispose(true);
        _disposed = true;
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }
}
