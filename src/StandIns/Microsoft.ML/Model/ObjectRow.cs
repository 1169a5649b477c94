namespace Microsoft.ML.Data;

/// <summary>A row over one object at a time. Every object is a new position, so that what was computed for the last one is not taken for it.</summary>
internal sealed class ObjectRow<TRow>(SchemaDefinition definition) : DataViewRow
{
    private readonly RowClassColumns<TRow> _columns = new(definition ?? SchemaDefinition.Create(typeof(TRow), SchemaDefinition.Direction.Read));
    private readonly RowBox<TRow> _box = new();
    private long _position = -1;

    public override DataViewSchema Schema => _columns.Schema;

    public override long Position => _position;

    public override long Batch => 0;

    public void MoveTo(TRow row)
    {
        _box.Row = row;
        _position++;
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new DataViewRowId((ulong)_position, 0);

    public override bool IsColumnActive(DataViewSchema.Column column) => true;

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
        Getters.Cast<TValue>(_columns.CreateGetter(_box, column.Index), Schema[column.Index]);
}
