using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// The column of <see cref="PromptSegmentationTransformer"/> over one input schema: a mask where every row has one box, a list
/// of masks where rows have any number of boxes.
/// </summary>
internal sealed class PromptSegmentationColumns(DataViewSchema schema, IPromptableSegmenter segmenter, PromptSegmentationEstimator.Options options)
    : AnswerColumns<SegmenterPrompt[], SegmentationMask[]>(
        schema, [.. options.Inputs(IsList(schema, options)).Select(input => input.FindIn(schema))],
        [Added(options, IsList(schema, options), ModelAnnotation.HandedOn(schema, options.PredictedMaskColumnName))], options.PredictionBatchSize)
{
    public const int BoxNumbers = 4, PointNumbers = 2;
    private readonly bool _isList = IsList(schema, options);

    public static RowColumn<SegmentationMask[]> Added(PromptSegmentationEstimator.Options options, bool isList, DataViewSchema.Annotations? model) => isList
        ? RowColumn<SegmentationMask[]>.Of(options.PredictedMaskColumnName, SegmentationMaskListDataViewType.Instance, masks => new SegmentationMaskList(masks)) with { Annotations = model }
        : RowColumn<SegmentationMask[]>.OfMask(options.PredictedMaskColumnName, model, masks => masks[0]);

    public override Func<SegmenterPrompt[]> CreateReader(DataViewRow input)
    {
        Func<MLImage> imageOf = ImageColumn.CreateReader(input, Inputs[0]);
        Func<float[]> boxesOf = RowValues.Numbers(input, Inputs[1]);
        Func<float[]>? pointsOf = Inputs.Count > 2 ? RowValues.Numbers(input, Inputs[2]) : null;
        return () =>
        {
            var picture = RgbImage.FromMLImage(imageOf());
            float[] boxes = boxesOf();
            if (_isList ? boxes.Length % BoxNumbers != 0 : boxes.Length != BoxNumbers)
                throw RowValues.WrongCount(input, Inputs[1], boxes.Length, _isList ? $"{BoxNumbers} for each box" : $"{BoxNumbers}");
            var prompts = new SegmenterPrompt[boxes.Length / BoxNumbers];
            float[]? points = pointsOf?.Invoke();
            if (points is not null && points.Length != PointNumbers * prompts.Length)
                throw RowValues.WrongCount(input, Inputs[2], points.Length, $"{PointNumbers * prompts.Length}, {PointNumbers} for each box of the column '{Inputs[1].Name}'");
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
        var found = new Queue<SegmentationMask>(segmenter.SegmentChecked([.. questions.SelectMany(prompts => prompts).Where(prompt => !prompt.Box.IsEmpty)]));
        return [.. questions.Select(prompts => Array.ConvertAll(prompts, prompt =>
            prompt.Box.IsEmpty ? SegmentationMask.Empty(prompt.Image.Width, prompt.Image.Height) : found.Dequeue()))];
    }

    private static bool IsList(DataViewSchema schema, PromptSegmentationEstimator.Options options) =>
        schema.GetColumnOrNull(options.BoxColumnName)?.Type is VectorDataViewType { IsKnownSize: false };
}
