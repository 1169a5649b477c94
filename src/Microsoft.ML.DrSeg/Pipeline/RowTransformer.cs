using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// A transformer that adds columns row by row: lazily, so that nothing is computed until a value is read, and by one row alone
/// too, so that it works in a <see cref="PredictionEngine{TSrc, TDst}"/>. Only this library derives from it.
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
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Over(inputSchema).OutputSchema;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new AddedColumnsView(input, Over(input.Schema));
    }

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => Over(inputSchema);

    /// <summary>
    /// Saves the step into a model file of ML.NET, through <c>mlContext.Model.Save</c>: as a chain of ML.NET's own transformers
    /// that does the same. It is loaded back as such a chain, which computes on the processor.
    /// </summary>
    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ArgumentNullException.ThrowIfNull(ctx);
        ((ICanSaveModel)ToMLNet()).Save(ctx);
    }

    /// <summary>The added columns over a schema; a missing or unfit input column is an error.</summary>
    private protected abstract AddedColumns Bind(DataViewSchema inputSchema);

    /// <summary>The step as plain data, all but its model.</summary>
    internal abstract SavedStep ToSaved();

    /// <summary>The model that is saved with the step; null where it has none.</summary>
    internal virtual DrSegModel? SavedModel => null;

    /// <summary>The step as a chain of ML.NET's transformers.</summary>
    private protected abstract TransformerChain<ITransformer> ToMLNet();

    private AddedColumns Over(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return Bind(inputSchema);
    }
}
