using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Policies;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>The columns of <see cref="GrpoSegmentationTransformer"/> over one input schema.</summary>
internal sealed class GrpoSegmentationColumns : AddedColumns
{
    private readonly QueryColumns query;
    private readonly DrSegModel model;

    public GrpoSegmentationColumns(DataViewSchema schema, DrSegModel model, GrpoSegmentationTrainer.Options options)
    {
        this.model = model;
        query = new QueryColumns(schema, options.ImageColumnName, options.QueryColumnName);
        Inputs = [query.Image, query.Query];
        Outputs = Added(options, ModelAnnotation.Of(model));
    }

    public override IReadOnlyList<DataViewSchema.Column> Inputs { get; }

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; }

    /// <summary>Mask, box, point, text and score, in this order.</summary>
    public static DataViewSchema.DetachedColumn[] Added(GrpoSegmentationTrainer.Options options, DataViewSchema.Annotations model) =>
    [
        new(options.PredictedMaskColumnName, SegmentationMaskDataViewType.Instance, model),
        new(options.PredictedBoxColumnName, new VectorDataViewType(NumberDataViewType.Single, 4)),
        new(options.PredictedPointColumnName, new VectorDataViewType(NumberDataViewType.Single, 2)),
        new(options.AnswerColumnName, TextDataViewType.Instance),
        new(options.ScoreColumnName, NumberDataViewType.Single),
    ];

    public override Delegate[] CreateGetters(DataViewRow input)
    {
        Func<RowQuery> read = query.CreateReader(input, model.Vocabulary);
        var row = new PerRow<Predicted>(input, () => Predict(model, read()));
        return
        [
            (ValueGetter<SegmentationMask>)((ref SegmentationMask value) => value = row.Value.Mask),
            VectorGetter(() => row.Value.Box),
            VectorGetter(() => row.Value.Point),
            (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = row.Value.Generated.ToText().AsMemory()),
            (ValueGetter<float>)((ref float value) => value = (float)row.Value.Generated.LogProbability),
        ];
    }

    /// <summary>What a row gets.</summary>
    internal sealed record Predicted(GeneratedAnswer Generated, SegmentationMask Mask, float[] Box, float[] Point);

    internal static Predicted Predict(DrSegModel model, RowQuery asked)
    {
        RgbImage image = asked.Image;
        // A greedy answer draws nothing, so that its id does not matter.
        var prompt = new PolicyPrompt(ImageView.Whole(image), asked.Tokens, Id: 0);
        using Look look = Look.Take(model.Policy, model.Segmenter, [prompt], 1, AnswerSampling.Greedy);
        GeneratedAnswer generated = look.Answers[0][0];
        if (generated.Answer is not { } answer)
            return new Predicted(generated, SegmentationMask.Empty(image.Width, image.Height), new float[4], new float[2]);
        BoundingBox box = answer.Box.Clamp(image.Width, image.Height);
        return new Predicted(generated, look.Masks[0][0]!, [box.X0, box.Y0, box.X1, box.Y1], [answer.Point.X, answer.Point.Y]);
    }
}
