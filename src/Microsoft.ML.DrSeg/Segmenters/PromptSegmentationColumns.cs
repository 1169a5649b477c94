using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.Pipeline;

namespace Microsoft.ML.DrSeg.Segmenters;

/// <summary>The column of <see cref="PromptSegmentationTransformer"/> over one input schema.</summary>
internal sealed class PromptSegmentationColumns : AddedColumns
{
    private readonly IPromptableSegmenter segmenter;
    private readonly DataViewSchema.Column image, box;
    private readonly DataViewSchema.Column? point;

    public PromptSegmentationColumns(DataViewSchema schema, IPromptableSegmenter segmenter, PromptSegmentationEstimator.Options options)
    {
        this.segmenter = segmenter;
        image = Find<MLImage>(schema, options.ImageColumnName, PromptSegmentationEstimator.ImagePurpose);
        box = Find<VBuffer<float>>(schema, options.BoxColumnName, PromptSegmentationEstimator.BoxPurpose);
        point = options.PointColumnName is { } name ? Find<VBuffer<float>>(schema, name, PromptSegmentationEstimator.PointPurpose) : null;
        Inputs = point is { } given ? [image, box, given] : [image, box];
        Outputs = Added(options);
    }

    public override IReadOnlyList<DataViewSchema.Column> Inputs { get; }

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; }

    public static DataViewSchema.DetachedColumn[] Added(PromptSegmentationEstimator.Options options) =>
        [new(options.PredictedMaskColumnName, SegmentationMaskDataViewType.Instance)];

    public override Delegate[] CreateGetters(DataViewRow input)
    {
        Func<MLImage> imageOf = ImageColumn.CreateReader(input, image);
        Func<float[]> boxOf = Numbers(input, box, 4), pointOf = point is { } column ? Numbers(input, column, 2) : () => [];
        var row = new PerRow<SegmentationMask>(input, () =>
        {
            MLImage picture = imageOf();
            float[] corners = boxOf();
            var around = new BoundingBox(corners[0], corners[1], corners[2], corners[3]);
            if (around.IsEmpty)
                return SegmentationMask.Empty(picture.Width, picture.Height);
            PixelPoint on = pointOf() is [float x, float y] ? new(x, y) : around.Center;
            return segmenter.Segment([new SegmenterPrompt(RgbImage.FromMLImage(picture), around, on)])[0];
        });
        return [(ValueGetter<SegmentationMask>)((ref SegmentationMask value) => value = row.Value)];
    }
}
