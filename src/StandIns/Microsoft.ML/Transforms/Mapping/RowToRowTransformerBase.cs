namespace Microsoft.ML.Data;

/// <summary>A transformer that adds columns to each row. Only this assembly derives from it.</summary>
public abstract class RowToRowTransformerBase : ITransformer
{
    private protected RowToRowTransformerBase()
    {
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
        Save(ctx.Writer);
    }

    private protected abstract void Save(ModelWriter writer);

    /// <summary>The added columns over a schema; a missing or unfit input column is an error.</summary>
    private protected abstract ColumnMapping MakeMapping(DataViewSchema inputSchema);

    private AddedColumnsMapper Bind(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new AddedColumnsMapper(inputSchema, MakeMapping(inputSchema));
    }
}
