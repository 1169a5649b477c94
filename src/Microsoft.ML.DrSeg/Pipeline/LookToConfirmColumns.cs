using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>The columns of <see cref="LookToConfirmTransformer"/> over one input schema.</summary>
internal sealed class LookToConfirmColumns(DataViewSchema schema, DrSegModel model, LookToConfirmEstimator.Options options, float threshold)
    : AnswerColumns<RowQuery, LookToConfirmColumns.Predicted>(
        schema, [options.Image.FindIn(schema), options.Query.FindIn(schema)], Added(options, model.Confirmation.MapSide, ModelAnnotation.Of(model)), options.PredictionBatchSize)
{
    private readonly LookToConfirmOptions _looking = options.Looking(threshold);
    private readonly ulong _seed = (ulong)options.Seed;

    /// <summary>What a row gets.</summary>
    internal sealed record Predicted(
        SegmentationMask Mask, float[] Box, float Confidence, float[] Map, float[] Region, bool LookedAgain, int Hypotheses);

    public static RowColumn<Predicted>[] Added(LookToConfirmEstimator.Options options, int mapSide, DataViewSchema.Annotations model) =>
    [
        RowColumn<Predicted>.OfMask(options.PredictedMaskColumnName, model, row => row.Mask),
        RowColumn<Predicted>.OfBox(options.PredictedBoxColumnName, row => row.Box),
        RowColumn<Predicted>.Of(options.ConfidenceColumnName, NumberDataViewType.Single, row => row.Confidence),
        RowColumn<Predicted>.OfVector(options.ConfidenceMapColumnName, new(NumberDataViewType.Single, mapSide, mapSide), row => row.Map),
        RowColumn<Predicted>.OfBox(options.ConfidenceRegionColumnName, row => row.Region),
        RowColumn<Predicted>.Of(options.SecondLookColumnName, BooleanDataViewType.Instance, row => row.LookedAgain),
        RowColumn<Predicted>.Of(options.HypothesesColumnName, NumberDataViewType.Int32, row => row.Hypotheses),
    ];

    public override Func<RowQuery> CreateReader(DataViewRow input) => RowQuery.CreateReader(input, Inputs[0], Inputs[1], text => model.Policy.CheckQuery(text));

    protected override Predicted[] Answer(IReadOnlyList<RowQuery> questions) => Predict(model, questions, _looking, _seed);

    internal static Predicted[] Predict(DrSegModel model, IReadOnlyList<RowQuery> asked, LookToConfirmOptions looking, ulong seed)
    {
        using LookToConfirmSession session = new LookToConfirmLoop(model).Run([.. asked.Select(row => new SegmentationQuery(row.Image, row.Text, row.ContentId()))], looking, seed);
        return [.. session.Results.Zip(asked, (result, row) => Of(result, row.Image, model.Confirmation.MapSide))];
    }

    private static Predicted Of(LookToConfirmResult result, RgbImage image, int mapSide)
    {
        Hypothesis chosen = result.Hypotheses[result.Chosen];
        if (chosen.Confirmation is not { } confirmation)
            return new Predicted(SegmentationMask.Empty(image.Width, image.Height), new float[4], 0, new float[mapSide * mapSide], new float[4], result.LookedAgain, result.Hypotheses.Count);
        // The box of the first object; zeros where there is none.
        BoundingBox box = chosen.Generated.Objects is [var first, ..] ? first.Box.Clamp(image.Width, image.Height) : default;
        return new Predicted(
            chosen.Mask!, Corners(box),
            confirmation.Confidence, confirmation.Map.Values, Corners(confirmation.Map.Region), result.LookedAgain, result.Hypotheses.Count);
    }

    private static float[] Corners(BoundingBox box) => [box.X0, box.Y0, box.X1, box.Y1];
}
