namespace Microsoft.ML.Data;

/// <summary>
/// A row with columns added to it. A column that is added under the name of an old one comes directly after it
/// and hides it; the others come last.
/// </summary>
internal sealed class AddedColumnsMapper : IRowToRowMapper
{
    private readonly ColumnMapping _mapping;

    // For every output column, the input column it is, or the bitwise complement of the added column.
    private readonly int[] _sources;

    public AddedColumnsMapper(DataViewSchema inputSchema, ColumnMapping mapping)
    {
        (InputSchema, _mapping) = (inputSchema, mapping);
        List<int> sources = [.. Enumerable.Range(0, inputSchema.Count)];
        for (int added = 0; added < mapping.Added.Length; added++)
        {
            int place = inputSchema.GetColumnOrNull(mapping.Added[added].Name) is { } hidden ? sources.IndexOf(hidden.Index) + 1 : sources.Count;
            sources.Insert(place, ~added);
        }

        _sources = [.. sources];
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(_sources.Select(s => s >= 0 ? new DataViewSchema.DetachedColumn(inputSchema[s]) : mapping.Added[~s]));
        OutputSchema = builder.ToSchema();
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        var needed = new SortedSet<int>();
        foreach (int index in new ActiveColumns(OutputSchema, dependingColumns).Indices)
        {
            if (_sources[index] >= 0)
                needed.Add(_sources[index]);
            else
                needed.UnionWith(_mapping.InputsOf(~_sources[index]).Select(column => column.Index));
        }

        return needed.Select(index => InputSchema[index]);
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        var active = new ActiveColumns(OutputSchema, activeColumns);
        var activeAdded = new bool[_mapping.Added.Length];
        foreach (int index in active.Indices.Where(i => _sources[i] < 0))
            activeAdded[~_sources[index]] = true;
        Delegate[] getters = _mapping.CreateGetters(input, activeAdded);
        return new MappedRow(input, OutputSchema, active, index =>
            _sources[index] >= 0 ? Getters.Of(input, InputSchema[_sources[index]]) : getters[~_sources[index]]);
    }
}
