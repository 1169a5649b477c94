using System.Text.Json.Serialization;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// A step of a pipeline as plain data, all but its model. The kinds are these and no others: a file names one of them and
/// never a type.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "Kind", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(SavedGrpoSegmentation), "GrpoSegmentation")]
[JsonDerivedType(typeof(SavedLookToConfirm), "LookToConfirm")]
[JsonDerivedType(typeof(SavedRankedReward), "DistributionRankedReward")]
[JsonDerivedType(typeof(SavedOriginalPixels), "OriginalPixels")]
internal abstract record SavedStep
{
    public abstract RowTransformer Restore(ModelOfSteps models);
}

/// <summary>The columns of a <see cref="GrpoSegmentationTransformer"/> and its batch, all that it is besides its model.</summary>
internal sealed record SavedGrpoSegmentation(
    string Image, string Query, string PredictedMask, string PredictedBox, string PredictedPoint, string Answer, string Score,
    int PredictionBatchSize = 1) : SavedStep
{
    public static SavedGrpoSegmentation Of(GrpoSegmentationTrainer.Options options) => new(
        options.ImageColumnName, options.QueryColumnName, options.PredictedMaskColumnName, options.PredictedBoxColumnName,
        options.PredictedPointColumnName, options.AnswerColumnName, options.ScoreColumnName, options.PredictionBatchSize);

    public override RowTransformer Restore(ModelOfSteps models) => new GrpoSegmentationTransformer(models.Take(out bool owned), owned, new GrpoSegmentationTrainer.Options
    {
        ImageColumnName = Image,
        QueryColumnName = Query,
        PredictedMaskColumnName = PredictedMask,
        PredictedBoxColumnName = PredictedBox,
        PredictedPointColumnName = PredictedPoint,
        AnswerColumnName = Answer,
        ScoreColumnName = Score,
        PredictionBatchSize = PredictionBatchSize,
    });
}

/// <summary>A <see cref="LookToConfirmTransformer"/>: its options and the threshold it has learned.</summary>
internal sealed record SavedLookToConfirm(LookToConfirmEstimator.Options Options, float Threshold) : SavedStep
{
    public override RowTransformer Restore(ModelOfSteps models)
    {
        Options.Validate();
        OptionReading.Require(Options.Looking(Threshold));
        return new LookToConfirmTransformer(models.Take(out bool owned), owned, Options, Threshold);
    }
}

/// <summary>A <see cref="DistributionRankedRewardScorer"/>: its options and the distribution it has learned.</summary>
internal sealed record SavedRankedReward(
    DistributionRankedRewardEstimator.Options Options, IReadOnlyDictionary<RewardComponent, double[]> Distribution) : SavedStep
{
    public override RowTransformer Restore(ModelOfSteps models) => new DistributionRankedRewardScorer(Options, Distribution);
}

/// <summary>An <see cref="OriginalPixelsTransformer"/>, which is nothing but its options.</summary>
internal sealed record SavedOriginalPixels(OriginalPixelsEstimator.Options Options) : SavedStep
{
    public override RowTransformer Restore(ModelOfSteps models)
    {
        Options.Validate();
        return new OriginalPixelsTransformer(Options);
    }
}

/// <summary>The model that the steps of one file share. The first of them owns it.</summary>
internal sealed class ModelOfSteps(DrSegModel? model)
{
    private bool _taken;

    public DrSegModel Take(out bool owned)
    {
        (owned, _taken) = (!_taken, true);
        return model ?? throw new ArgumentException("A step needs a model, but none was saved with it.");
    }
}
