using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Policies;

namespace Microsoft.ML.DrSeg.Segmenters;

/// <summary>The column of <see cref="PromptSegmentationTransformer"/> over one input schema.</summary>
internal sealed class PromptSegmentationColumns : AnswerColumns<SegmenterPrompt, SegmentationMask>
{
    private readonly IPromptableSegmenter segmenter;
    private readonly DataViewSchema.Column image, box;
    private readonly DataViewSchema.Column? point;

    public PromptSegmentationColumns(DataViewSchema schema, IPromptableSegmenter segmenter, PromptSegmentationEstimator.Options options)
    {
        this.segmenter = segmenter;
        image = Find<MLImage>(schema, options.ImageColumnName, PromptSegmentationEstimator.ImagePurpose);
        box = FindVector(schema, options.BoxColumnName, PromptSegmentationEstimator.BoxPurpose, 4);
        point = options.PointColumnName is { } name ? FindVector(schema, name, PromptSegmentationEstimator.PointPurpose, 2) : null;
        Inputs = point is { } given ? [image, box, given] : [image, box];
        Outputs = Added(options, ModelAnnotation.HandedOn(schema, options.PredictedMaskColumnName));
        BatchSize = options.PredictionBatchSize;
    }

    public override IReadOnlyList<DataViewSchema.Column> Inputs { get; }

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; }

    public override int BatchSize { get; }

    public static DataViewSchema.DetachedColumn[] Added(PromptSegmentationEstimator.Options options, DataViewSchema.Annotations? model) =>
        [new(options.PredictedMaskColumnName, SegmentationMaskDataViewType.Instance, model)];

    protected override Func<SegmenterPrompt> CreateReader(DataViewRow input)
    {
        Func<MLImage> imageOf = ImageColumn.CreateReader(input, image);
        Func<float[]> boxOf = Numbers(input, box, 4), pointOf = point is { } column ? Numbers(input, column, 2) : () => [];
        return () =>
        {
            RgbImage picture = RgbImage.FromMLImage(imageOf());
            float[] corners = boxOf();
            var around = new BoundingBox(corners[0], corners[1], corners[2], corners[3]);
            return new SegmenterPrompt(picture, around, pointOf() is [float x, float y] ? new(x, y) : around.Center);
        };
    }

    protected override SegmentationMask[] Answer(IReadOnlyList<SegmenterPrompt> questions)
    {
        // A segmenter is only asked what has a box.
        var found = new Queue<SegmentationMask>(segmenter.SegmentChecked([.. questions.Where(question => !question.Box.IsEmpty)]));
        return [.. questions.Select(question => question.Box.IsEmpty ? SegmentationMask.Empty(question.Image.Width, question.Image.Height) : found.Dequeue())];
    }

    protected override Delegate[] CreateGetters(Func<SegmentationMask> current) =>
        [(ValueGetter<SegmentationMask>)((ref SegmentationMask value) => value = current())];
}
