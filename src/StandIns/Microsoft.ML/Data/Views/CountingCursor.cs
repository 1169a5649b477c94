namespace Microsoft.ML.Data;

/// <summary>A cursor that numbers its rows itself and makes its own getters.</summary>
internal abstract class CountingCursor : DataViewRowCursor
{
    private long _position = -1;
    private bool _ended;

    protected CountingCursor(DataViewSchema schema, ActiveColumns active)
    {
        (Schema, Active) = (schema, active);
    }

    public sealed override DataViewSchema Schema { get; }

    protected ActiveColumns Active { get; }

    public sealed override long Position => _position;

    public override long Batch => 0;

    public sealed override bool IsColumnActive(DataViewSchema.Column column) => Active.Contains(column);

    public sealed override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        Active.Demand(column);
        return Getters.Cast<TValue>(GetterOf(column.Index), Schema[column.Index]);
    }

    public sealed override bool MoveNext()
    {
        if (!_ended && MoveNextRow())
        {
            _position++;
            return true;
        }

        End();
        return false;
    }

    protected abstract bool MoveNextRow();

    protected abstract Delegate GetterOf(int column);

    protected override void Dispose(bool disposing)
    {
        End();
        base.Dispose(disposing);
    }

    private void End() => (_ended, _position) = (true, -1);
}
