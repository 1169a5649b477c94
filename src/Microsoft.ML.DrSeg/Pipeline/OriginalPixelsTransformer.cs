using Microsoft.ML.Data;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <inheritdoc cref="OriginalPixelsEstimator"/>
public sealed class OriginalPixelsTransformer : RowTransformer
{
    private readonly OriginalPixelsEstimator.Options _options;

    internal OriginalPixelsTransformer(OriginalPixelsEstimator.Options options) => _options = options.Copy();

    internal override SavedStep ToSaved() => new SavedOriginalPixels(_options);

    private protected override AddedColumns Bind(DataViewSchema inputSchema) => new OriginalPixelsColumns(inputSchema, _options);

    private protected override TransformerChain<ITransformer> ToMLNet() => throw new NotSupportedException(
        $"{nameof(OriginalPixelsTransformer)} cannot be part of a model file of ML.NET. It has learned nothing: add mlContext.DrSeg().ToOriginalPixels(...) again after loading, or save with SaveDrSeg.");
}
