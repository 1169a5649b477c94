using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>The columns of <see cref="GrpoSegmentationTransformer"/> over one input schema.</summary>
internal sealed class GrpoSegmentationColumns(DataViewSchema schema, DrSegModel model, GrpoSegmentationTrainer.Options options)
    : AnswerColumns<RowQuery, GrpoSegmentationColumns.Predicted>(
        schema, [options.Image.FindIn(schema), options.Query.FindIn(schema)], Added(options, ModelAnnotation.Of(model)), options.PredictionBatchSize)
{
    /// <summary>What a row gets.</summary>
    internal sealed record Predicted(GeneratedAnswer Generated, SegmentationMask Mask, float[] Box, float[] Point);

    public static RowColumn<Predicted>[] Added(GrpoSegmentationTrainer.Options options, DataViewSchema.Annotations model) =>
    [
        RowColumn<Predicted>.OfMask(options.PredictedMaskColumnName, model, row => row.Mask),
        RowColumn<Predicted>.OfBox(options.PredictedBoxColumnName, row => row.Box),
        RowColumn<Predicted>.OfPoint(options.PredictedPointColumnName, row => row.Point),
        RowColumn<Predicted>.Of(options.AnswerColumnName, TextDataViewType.Instance, row => row.Generated.ToText().AsMemory()),
        RowColumn<Predicted>.Of(options.ScoreColumnName, NumberDataViewType.Single, row => (float)row.Generated.LogProbability),
    ];

    public override Func<RowQuery> CreateReader(DataViewRow input) => RowQuery.CreateReader(input, Inputs[0], Inputs[1], text => model.Policy.CheckQuery(text));

    protected override Predicted[] Answer(IReadOnlyList<RowQuery> questions) => Predict(model, questions);

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
