using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// The column of <see cref="PromptSegmentationTransformer"/> over one input schema: a mask where every row has one box, a list
/// of masks where rows have any number of boxes.
/// </summary>
internal sealed class PromptSegmentationColumns : AnswerColumns<SegmenterPrompt[], SegmentationMask[]>
{
    private const int BoxNumbers = 4, PointNumbers = 2;

    private readonly IPromptableSegmenter _segmenter;
    private readonly DataViewSchema.Column _image, _boxes;
    private readonly DataViewSchema.Column? _points;
    private readonly bool _isList;

    public PromptSegmentationColumns(DataViewSchema schema, IPromptableSegmenter segmenter, PromptSegmentationEstimator.Options options)
    {
        _segmenter = segmenter;
        _image = Find<MLImage>(schema, options.ImageColumnName, PromptSegmentationEstimator.ImagePurpose);
        _boxes = FindVector(schema, options.BoxColumnName, PromptSegmentationEstimator.BoxPurpose, BoxNumbers);
        _isList = _boxes.Type is VectorDataViewType { IsKnownSize: false };
        if (options.PointColumnName is { } name)
            _points = _isList
                ? Find<VBuffer<float>>(schema, name, PromptSegmentationEstimator.PointPurpose)
                : FindVector(schema, name, PromptSegmentationEstimator.PointPurpose, PointNumbers);
        Inputs = _points is { } points ? [_image, _boxes, points] : [_image, _boxes];
        Outputs = Added(options, _isList, ModelAnnotation.HandedOn(schema, options.PredictedMaskColumnName));
        BatchSize = options.PredictionBatchSize;
    }

    public override IReadOnlyList<DataViewSchema.Column> Inputs { get; }

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; }

    public override int BatchSize { get; }

    public static DataViewSchema.DetachedColumn[] Added(PromptSegmentationEstimator.Options options, bool isList, DataViewSchema.Annotations? model) =>
        [new(options.PredictedMaskColumnName, isList ? SegmentationMaskListDataViewType.Instance : SegmentationMaskDataViewType.Instance, model)];

    protected override Func<SegmenterPrompt[]> CreateReader(DataViewRow input)
    {
        Func<MLImage> imageOf = ImageColumn.CreateReader(input, _image);
        Func<float[]> boxesOf = Numbers(input, _boxes);
        Func<float[]>? pointsOf = _points is { } column ? Numbers(input, column) : null;
        return () =>
        {
            var picture = RgbImage.FromMLImage(imageOf());
            float[] boxes = boxesOf();
            if (_isList ? boxes.Length % BoxNumbers != 0 : boxes.Length != BoxNumbers)
                throw WrongCount(input, _boxes, boxes.Length, _isList ? $"{BoxNumbers} for each box" : $"{BoxNumbers}");
            var prompts = new SegmenterPrompt[boxes.Length / BoxNumbers];
            float[]? points = pointsOf?.Invoke();
            if (points is not null && points.Length != PointNumbers * prompts.Length)
                throw WrongCount(input, _points!.Value, points.Length, $"{PointNumbers * prompts.Length}, {PointNumbers} for each box of the column '{_boxes.Name}'");
            for (var i = 0; i < prompts.Length; i++)
            {
                var box = new BoundingBox(boxes[BoxNumbers * i], boxes[BoxNumbers * i + 1], boxes[BoxNumbers * i + 2], boxes[BoxNumbers * i + 3]);
                prompts[i] = new(picture, box, points is null ? box.Center : new(points[PointNumbers * i], points[PointNumbers * i + 1]));
            }
            return prompts;
        };
    }

    protected override SegmentationMask[][] Answer(IReadOnlyList<SegmenterPrompt[]> questions)
    {
        // A segmenter is only asked what has a box.
        var found = new Queue<SegmentationMask>(_segmenter.SegmentChecked([.. questions.SelectMany(prompts => prompts).Where(prompt => !prompt.Box.IsEmpty)]));
        return [.. questions.Select(prompts => Array.ConvertAll(prompts, prompt =>
            prompt.Box.IsEmpty ? SegmentationMask.Empty(prompt.Image.Width, prompt.Image.Height) : found.Dequeue()))];
    }

    protected override Delegate[] CreateGetters(Func<SegmentationMask[]> current) =>
        [_isList
            ? (ValueGetter<SegmentationMaskList>)((ref SegmentationMaskList value) => value = new(current()))
            : (ValueGetter<SegmentationMask>)((ref SegmentationMask value) => value = current()[0])];
}
