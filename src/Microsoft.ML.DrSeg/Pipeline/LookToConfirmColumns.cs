using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.LookToConfirm;
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
    /// <param name="Answer">The most plausible answer.</param>
    /// <param name="First">The first answer of the first look, its score its confidence too.</param>
    internal sealed record Predicted(AnsweredRow Answer, AnsweredRow First, float Confidence, float[] Map, float[] Region, bool LookedAgain, int Hypotheses);

    public static RowColumn<Predicted>[] Added(LookToConfirmEstimator.Options options, int mapSide, DataViewSchema.Annotations model) =>
    [
        .. AnsweredRow.Columns<Predicted>(options, model, row => row.Answer),
        RowColumn<Predicted>.OfMask(options.FirstMaskColumnName, null, row => row.First.Mask),
        RowColumn<Predicted>.Of(options.FirstAnswerColumnName, TextDataViewType.Instance, row => row.First.Text.AsMemory()),
        RowColumn<Predicted>.Of(options.FirstScoreColumnName, NumberDataViewType.Single, row => row.First.Score),
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
        static AnsweredRow Row(Hypothesis hypothesis, RgbImage image) =>
            AnsweredRow.Of(hypothesis.Generated, hypothesis.Mask, image, hypothesis.Confirmation?.Confidence ?? 0);
        Hypothesis chosen = result.Hypotheses[result.Chosen];
        ConfidenceMap? map = chosen.Confirmation?.Map;
        BoundingBox region = map?.Region ?? default;
        return new Predicted(
            Row(chosen, image), Row(result.Hypotheses[0], image), chosen.Confirmation?.Confidence ?? 0, map?.Values ?? new float[mapSide * mapSide],
            [region.X0, region.Y0, region.X1, region.Y1], result.LookedAgain, result.Hypotheses.Count);
    }
}
