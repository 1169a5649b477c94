using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <inheritdoc cref="ColumnSelectingEstimator"/>
public sealed class ColumnSelectingTransformer : ITransformer
{
    private readonly string[] _names;
    private readonly bool _drop, _keepHidden;

    private ColumnSelectingTransformer(string[] names, bool drop, bool keepHidden)
    {
        ArgumentNullException.ThrowIfNull(names);
        (_names, _drop, _keepHidden) = (names, drop, keepHidden);
    }

    bool ITransformer.IsRowToRowMapper => true;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Bind(inputSchema).OutputSchema;

    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new MappedView(input, Bind(input.Schema));
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => Bind(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ArgumentNullException.ThrowIfNull(ctx);
        if (_drop)
            ctx.Writer.Kind(ModelKind.DropColumns).Texts(_names);
        else
            ctx.Writer.Kind(ModelKind.SelectColumns).Texts(_names).Number(_keepHidden ? 1 : 0);
    }

    internal static ColumnSelectingTransformer Drop(string[] names) => new(names, drop: true, keepHidden: true);

    internal static ColumnSelectingTransformer Select(string[] names, bool keepHidden) => new(names, drop: false, keepHidden);

    internal SchemaShape GetOutputShape(SchemaShape input)
    {
        SchemaShape.Column[] named = [.. _names.Select(input.Find)];
        return new SchemaShape(_drop ? input.Where(column => !_names.Contains(column.Name)) : named);
    }

    private SelectedColumnsMapper Bind(DataViewSchema input)
    {
        ArgumentNullException.ThrowIfNull(input);
        foreach (string name in _names)
        {
            if (input.GetColumnOrNull(name) == null)
                throw SchemaErrors.Missing("input", name, input);
        }

        IEnumerable<DataViewSchema.Column> selected = _drop
            ? input.Where(column => !_names.Contains(column.Name))
            : _names.SelectMany(name => input.Where(column => column.Name == name && (_keepHidden || !column.IsHidden)));
        return new SelectedColumnsMapper(input, selected);
    }
}
