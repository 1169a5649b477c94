using Microsoft.ML.Data;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// A transformer that adds columns row by row: lazily, so that nothing is computed until a cursor moves, and one row at a
/// time, so that it works in a <see cref="PredictionEngine{TSrc, TDst}"/>. Only this library derives from it.
/// </summary>
public abstract class RowTransformer : ITransformer
{
    private protected RowTransformer()
    {
    }

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Mapper(inputSchema).OutputSchema;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new AddedColumnsView(input, Mapper(input.Schema));
    }

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => Mapper(inputSchema);

    /// <summary>Not offered: ML.NET's model files drop columns of images and masks.</summary>
    /// <exception cref="NotSupportedException">Always; the message says what to do instead.</exception>
    void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException(
        $"{GetType().Name} cannot be part of an ML.NET model file, which drops columns of images and masks. {HowToSave}");

    /// <summary>The added columns over a schema; a missing or unfit input column is an error.</summary>
    private protected abstract AddedColumns Bind(DataViewSchema inputSchema);

    /// <summary>What to do instead of saving into an ML.NET model file.</summary>
    private protected abstract string HowToSave { get; }

    private AddedColumnsMapper Mapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new(inputSchema, Bind(inputSchema));
    }
}
