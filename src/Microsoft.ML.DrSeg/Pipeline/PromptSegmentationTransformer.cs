using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <inheritdoc cref="PromptSegmentationEstimator"/>
/// <remarks>Does not own the segmenter: that is the caller's to dispose.</remarks>
public sealed class PromptSegmentationTransformer : RowTransformer
{
    private readonly IPromptableSegmenter _segmenter;
    private readonly PromptSegmentationEstimator.Options _options;

    internal PromptSegmentationTransformer(IPromptableSegmenter segmenter, PromptSegmentationEstimator.Options options) =>
        (_segmenter, _options) = (segmenter, options);

    internal override SavedStep ToSaved() => throw NotSaved();

    private protected override AddedColumns Bind(DataViewSchema inputSchema) => new PromptSegmentationColumns(inputSchema, _segmenter, _options);

    private protected override TransformerChain<ITransformer> ToMLNet() => throw NotSaved();

    private NotSupportedException NotSaved() => new(
        $"{nameof(PromptSegmentationTransformer)} cannot be saved: its segmenter, a {_segmenter.GetType().Name}, was given to it. Save and load the segmenter by its own means and add mlContext.DrSeg().Segment(...) again.");
}
