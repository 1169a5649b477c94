using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// A promptable segmenter in a pipeline: an image and its boxes (and points) in, masks out. The boxes may be a user's, those of
/// ML.NET's object detector, or those of a trained policy, whose masks another segmenter than the model's own can so draw.
/// </summary>
public sealed class PromptSegmentationEstimator : IEstimator<PromptSegmentationTransformer>
{
    /// <summary>Columns, and how many rows are segmented together.</summary>
    public sealed class Options
    {
        /// <summary>Input: the image (MLImage).</summary>
        public string ImageColumnName = "Image";

        /// <summary>
        /// Input: x0, y0, x1, y1 of each box in pixels of the image, half-open. A vector of 4 Single is one box a row and gives one
        /// mask; a vector of Single of no fixed length is any number of boxes one after another, none included, and gives a list
        /// of masks. An empty box gives an empty mask.
        /// </summary>
        public string BoxColumnName = "Box";

        /// <summary>
        /// Input: x, y of a point on each object in pixels of the image, as many points as boxes (vector of Single); null for the
        /// middle of each box.
        /// </summary>
        public string? PointColumnName;

        /// <summary>
        /// Output: the mask, of the image's size (<see cref="SegmentationMask"/>), or, where rows have any number of boxes, one mask
        /// a box in their order (<see cref="SegmentationMaskList"/>).
        /// </summary>
        public string PredictedMaskColumnName = "PredictedMask";

        /// <inheritdoc cref="QueryOptions.PredictionBatchSize"/>
        public int PredictionBatchSize = 1;

        internal Options Copy() => (Options)MemberwiseClone();

        /// <summary>Image, boxes and points. Rows of any number of boxes have points of no certain number either.</summary>
        internal IEnumerable<InputColumn> Inputs(bool isList)
        {
            yield return InputColumn.Of<MLImage>(ImageColumnName, "the image");
            yield return InputColumn.Of<VBuffer<float>>(BoxColumnName, "the boxes", PromptSegmentationColumns.BoxNumbers);
            if (PointColumnName is not null)
                yield return InputColumn.Of<VBuffer<float>>(PointColumnName, "the points", isList ? null : PromptSegmentationColumns.PointNumbers);
        }

        internal void Validate()
        {
            OptionChecks.RequireNames(
                [(nameof(ImageColumnName), ImageColumnName), (nameof(BoxColumnName), BoxColumnName), (nameof(PointColumnName), PointColumnName ?? BoxColumnName)],
                [(nameof(PredictedMaskColumnName), PredictedMaskColumnName)]);
            OptionChecks.RequireBatch(nameof(PredictionBatchSize), PredictionBatchSize);
        }
    }

    private readonly IPromptableSegmenter _segmenter;
    private readonly Options _options;

    internal PromptSegmentationEstimator(IPromptableSegmenter segmenter, Options options)
    {
        ArgumentNullException.ThrowIfNull(segmenter);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_segmenter, _options) = (segmenter, options.Copy());
    }

    /// <summary>Checks the columns; there is nothing to learn.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    public PromptSegmentationTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var transformer = new PromptSegmentationTransformer(_segmenter, _options);
        _ = transformer.GetOutputSchema(input.Schema);
        return transformer;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        bool isList = inputSchema.Any(column => column.Name == _options.BoxColumnName && column.Kind == SchemaShape.Column.VectorKind.VariableVector);
        foreach (InputColumn input in _options.Inputs(isList))
            input.DemandOf(inputSchema);
        return inputSchema.With(PromptSegmentationColumns.Added(_options, isList, ModelAnnotation.HandedOn(inputSchema, _options.PredictedMaskColumnName)));
    }
}

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
