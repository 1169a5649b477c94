using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>The columns of <see cref="GrpoSegmentationTransformer"/> over one input schema.</summary>
internal sealed class GrpoSegmentationColumns : AnswerColumns<RowQuery, GrpoSegmentationColumns.Predicted>
{
    private readonly QueryColumns _query;
    private readonly DrSegModel _model;

    public GrpoSegmentationColumns(DataViewSchema schema, DrSegModel model, GrpoSegmentationTrainer.Options options)
    {
        _model = model;
        _query = new QueryColumns(schema, options.ImageColumnName, options.QueryColumnName);
        BatchSize = options.PredictionBatchSize;
        Inputs = [_query.Image, _query.Query];
        Outputs = Added(options, ModelAnnotation.Of(model));
    }

    public override IReadOnlyList<DataViewSchema.Column> Inputs { get; }

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; }

    public override int BatchSize { get; }

    /// <summary>Mask, box, point, text and score, in this order.</summary>
    public static DataViewSchema.DetachedColumn[] Added(GrpoSegmentationTrainer.Options options, DataViewSchema.Annotations model) =>
    [
        new(options.PredictedMaskColumnName, SegmentationMaskDataViewType.Instance, model),
        NumberColumns.Box(options.PredictedBoxColumnName),
        NumberColumns.Point(options.PredictedPointColumnName),
        new(options.AnswerColumnName, TextDataViewType.Instance),
        new(options.ScoreColumnName, NumberDataViewType.Single),
    ];

    protected override Func<RowQuery> CreateReader(DataViewRow input) => _query.CreateReader(input, text => _model.Policy.CheckQuery(text));

    protected override Predicted[] Answer(IReadOnlyList<RowQuery> questions) => Predict(_model, questions);

    protected override Delegate[] CreateGetters(Func<Predicted> current) =>
    [
        (ValueGetter<SegmentationMask>)((ref SegmentationMask value) => value = current().Mask),
        VectorGetter(() => current().Box),
        VectorGetter(() => current().Point),
        (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = current().Generated.ToText().AsMemory()),
        (ValueGetter<float>)((ref float value) => value = (float)current().Generated.LogProbability),
    ];

    /// <summary>What a row gets.</summary>
    internal sealed record Predicted(GeneratedAnswer Generated, SegmentationMask Mask, float[] Box, float[] Point);

    internal static Predicted[] Predict(DrSegModel model, IReadOnlyList<RowQuery> asked)
    {
        // A greedy answer draws nothing, so that its id does not matter.
        PolicyPrompt[] prompts = [.. asked.Select(row => new PolicyPrompt(ImageView.Whole(row.Image), row.Text, Id: 0))];
        using var look = Look.Take(model.Policy, model.Segmenter, prompts, 1, AnswerSampling.Greedy);
        return [.. asked.Select((row, i) => Of(look.Answers[i][0], look.Masks[i][0], row.Image))];
    }

    // Box and point of the first object; zeros where there is none, as in a failed answer.
    private static Predicted Of(GeneratedAnswer generated, SegmentationMask? mask, RgbImage image)
    {
        mask ??= SegmentationMask.Empty(image.Width, image.Height);
        if (generated.Objects is not [var first, ..])
            return new Predicted(generated, mask, new float[4], new float[2]);
        BoundingBox box = first.Box.Clamp(image.Width, image.Height);
        return new Predicted(generated, mask, [box.X0, box.Y0, box.X1, box.Y1], [first.Point.X, first.Point.Y]);
    }
}
