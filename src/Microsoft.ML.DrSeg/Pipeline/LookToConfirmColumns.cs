using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>The columns of <see cref="LookToConfirmTransformer"/> over one input schema.</summary>
internal sealed class LookToConfirmColumns : AnswerColumns<RowQuery, LookToConfirmColumns.Predicted>
{
    private readonly QueryColumns _query;
    private readonly DrSegModel _model;
    private readonly LookToConfirmOptions _looking;
    private readonly ulong _seed;

    public LookToConfirmColumns(DataViewSchema schema, DrSegModel model, LookToConfirmEstimator.Options options, float threshold)
    {
        _model = model;
        _looking = options.Looking(threshold);
        _seed = (ulong)options.Seed;
        BatchSize = options.PredictionBatchSize;
        _query = new QueryColumns(schema, options.ImageColumnName, options.QueryColumnName);
        Inputs = [_query.Image, _query.Query];
        Outputs = Added(options, model.Confirmation.MapSide, ModelAnnotation.Of(model));
    }

    public override IReadOnlyList<DataViewSchema.Column> Inputs { get; }

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; }

    public override int BatchSize { get; }

    /// <summary>Mask, box, confidence, its map and the map's region, second look and hypotheses, in this order.</summary>
    public static DataViewSchema.DetachedColumn[] Added(LookToConfirmEstimator.Options options, int mapSide, DataViewSchema.Annotations model) =>
    [
        new(options.PredictedMaskColumnName, SegmentationMaskDataViewType.Instance, model),
        NumberColumns.Box(options.PredictedBoxColumnName),
        new(options.ConfidenceColumnName, NumberDataViewType.Single),
        new(options.ConfidenceMapColumnName, new VectorDataViewType(NumberDataViewType.Single, mapSide, mapSide)),
        NumberColumns.Box(options.ConfidenceRegionColumnName),
        new(options.SecondLookColumnName, BooleanDataViewType.Instance),
        new(options.HypothesesColumnName, NumberDataViewType.Int32),
    ];

    protected override Func<RowQuery> CreateReader(DataViewRow input) => _query.CreateReader(input, text => _model.Policy.CheckQuery(text));

    protected override Predicted[] Answer(IReadOnlyList<RowQuery> questions) => Predict(_model, questions, _looking, _seed);

    protected override Delegate[] CreateGetters(Func<Predicted> current) =>
    [
        (ValueGetter<SegmentationMask>)((ref SegmentationMask value) => value = current().Mask),
        VectorGetter(() => current().Box),
        (ValueGetter<float>)((ref float value) => value = current().Confidence),
        VectorGetter(() => current().Map),
        VectorGetter(() => current().Region),
        (ValueGetter<bool>)((ref bool value) => value = current().LookedAgain),
        (ValueGetter<int>)((ref int value) => value = current().Hypotheses),
    ];

    /// <summary>What a row gets.</summary>
    internal sealed record Predicted(
        SegmentationMask Mask, float[] Box, float Confidence, float[] Map, float[] Region, bool LookedAgain, int Hypotheses);

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
