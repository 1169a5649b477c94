namespace Microsoft.ML.Data;

/// <summary>The columns of a schema that a cursor was asked for.</summary>
internal sealed class ActiveColumns
{
    private readonly bool[] _active;

    public ActiveColumns(DataViewSchema schema, IEnumerable<DataViewSchema.Column> needed)
    {
        ArgumentNullException.ThrowIfNull(needed);
        _active = new bool[schema.Count];
        foreach (DataViewSchema.Column column in needed)
        {
            if ((uint)column.Index >= (uint)_active.Length)
                throw new ArgumentOutOfRangeException(nameof(needed), $"The column is not one of this view's {schema.Count}. '{column.Name}' has the index {column.Index}; take columns from the view's own schema.");
            _active[column.Index] = true;
        }
    }

    public bool this[int index] => _active[index];

    public IEnumerable<int> Indices => Enumerable.Range(0, _active.Length).Where(i => _active[i]);

    public bool Contains(DataViewSchema.Column column) => (uint)column.Index < (uint)_active.Length && _active[column.Index];

    public void Demand(DataViewSchema.Column column)
    {
        if (!Contains(column))
            throw SchemaErrors.Inactive(column);
    }
}
