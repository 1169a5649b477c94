using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;

namespace Microsoft.ML.DrSeg.Segmenters;

/// <summary>
/// A promptable segmenter in a pipeline: image and box (and a point) in, mask out. The boxes may be a user's, a detector's, or
/// those of a trained policy, whose masks another segmenter than the model's own can so draw.
/// </summary>
public sealed class PromptSegmentationEstimator : IEstimator<PromptSegmentationTransformer>
{
    internal const string ImagePurpose = "the image";
    internal const string BoxPurpose = "the box";
    internal const string PointPurpose = "the point";

    /// <summary>Columns, and how many rows are segmented together.</summary>
    public sealed class Options
    {
        /// <summary>Input: the image (MLImage).</summary>
        public string ImageColumnName = "Image";

        /// <summary>Input: the box as x0, y0, x1, y1 in pixels of the image, half-open (vector of 4 Single). An empty one gives an empty mask.</summary>
        public string BoxColumnName = "Box";

        /// <summary>Input: a point on the object as x, y in pixels of the image (vector of 2 Single); null for the middle of the box.</summary>
        public string? PointColumnName;

        /// <summary>Output: the mask (<see cref="SegmentationMask"/>), of the image's size.</summary>
        public string PredictedMaskColumnName = "PredictedMask";

        /// <inheritdoc cref="QueryOptions.PredictionBatchSize"/>
        public int PredictionBatchSize = 1;

        internal Options Copy() => (Options)MemberwiseClone();

        internal void Validate()
        {
            OptionChecks.RequireNames(
                [(nameof(ImageColumnName), ImageColumnName), (nameof(BoxColumnName), BoxColumnName), (nameof(PointColumnName), PointColumnName ?? BoxColumnName)],
                [(nameof(PredictedMaskColumnName), PredictedMaskColumnName)]);
            OptionChecks.RequireBatch(nameof(PredictionBatchSize), PredictionBatchSize);
        }
    }

    private readonly IPromptableSegmenter segmenter;
    private readonly Options options;

    internal PromptSegmentationEstimator(IPromptableSegmenter segmenter, Options options)
    {
        ArgumentNullException.ThrowIfNull(segmenter);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (this.segmenter, this.options) = (segmenter, options.Copy());
    }

    /// <summary>Checks the columns; there is nothing to learn.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    public PromptSegmentationTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var transformer = new PromptSegmentationTransformer(segmenter, options);
        _ = transformer.GetOutputSchema(input.Schema);
        return transformer;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        inputSchema.Demand<MLImage>(options.ImageColumnName, ImagePurpose);
        inputSchema.DemandVector<float>(options.BoxColumnName, BoxPurpose);
        if (options.PointColumnName is { } point)
            inputSchema.DemandVector<float>(point, PointPurpose);
        return inputSchema.With(PromptSegmentationColumns.Added(options, ModelAnnotation.HandedOn(inputSchema, options.PredictedMaskColumnName)));
    }
}
