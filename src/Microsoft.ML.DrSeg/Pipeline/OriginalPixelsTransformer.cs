using Microsoft.ML.Data;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <inheritdoc cref="OriginalPixelsEstimator"/>
public sealed class OriginalPixelsTransformer : RowTransformer
{
    private readonly OriginalPixelsEstimator.Options options;

    internal OriginalPixelsTransformer(OriginalPixelsEstimator.Options options) => this.options = options.Copy();

    internal override SavedStep ToSaved() => new SavedOriginalPixels(options);

    private protected override AddedColumns Bind(DataViewSchema inputSchema) => new OriginalPixelsColumns(inputSchema, options);

    private protected override TransformerChain<ITransformer> ToMLNet() => throw new NotSupportedException(
        $"{nameof(OriginalPixelsTransformer)} cannot be part of a model file of ML.NET. It has learned nothing: add mlContext.DrSeg().ToOriginalPixels(...) again after loading, or save with SaveDrSeg.");
}
