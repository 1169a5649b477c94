namespace Microsoft.ML.Data;

/// <summary>A row over another one, with columns of its own.</summary>
internal sealed class MappedRow(DataViewRow input, DataViewSchema schema, ActiveColumns active, Func<int, Delegate> getterOf) : DataViewRow
{
    public override DataViewSchema Schema => schema;

    public override long Position => input.Position;

    public override long Batch => input.Batch;

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        active.Demand(column);
        return Getters.Cast<TValue>(getterOf(column.Index), schema[column.Index]);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            input.Dispose();
        base.Dispose(disposing);
    }
}
