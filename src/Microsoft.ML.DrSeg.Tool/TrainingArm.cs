using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Scenes;
using Microsoft.ML.DrSeg.Training;

using static Microsoft.ML.DrSeg.Common.OptionChecks;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>One way of training that is compared with the others: same steps, group size and seed, another adapter.</summary>
/// <param name="Key">Name in files.</param>
/// <param name="Title">Name in tables.</param>
/// <param name="LooksToConfirm">Whether answers come from Look-to-Confirm.</param>
/// <param name="Ranking">How rewards are ranked; null for the plain mask IoU.</param>
internal sealed record TrainingArm(string Key, string Title, bool LooksToConfirm, RankedRewardMode? Ranking)
{
    public static TrainingArm Grpo { get; } = new("grpo", "GRPO", false, null);

    public static TrainingArm DrSeg { get; } = new("drSeg", "Dr. Seg", true, RankedRewardMode.WithinGroup);

    /// <summary>Every combination of the two adapters.</summary>
    public static IReadOnlyList<TrainingArm> All { get; } =
    [
        Grpo,
        new("rankedWithinGroup", "GRPO + ranked within the group", false, RankedRewardMode.WithinGroup),
        new("rankedAgainstWindow", "GRPO + ranked against the window", false, RankedRewardMode.ReferenceWindow),
        new("lookToConfirm", "GRPO + Look-to-Confirm", true, null),
        DrSeg,
        new("drSegWindow", "Dr. Seg, ranked against the window", true, RankedRewardMode.ReferenceWindow),
    ];

    /// <summary>Trains a copy of the base model on scenes of the training split.</summary>
    /// <returns>The trained model, which the caller disposes, and what was measured at every step.</returns>
    public (DrSegModel Model, IReadOnlyList<TrainingProgress> Curve) Train(
        DrSegModel baseModel, SceneComposer composer, TrainingSettings settings, int seed, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var mlContext = new MLContext(seed);
        IDataView scenes = mlContext.DrSeg().Data.ComposedScenes(composer, SceneSplit.Train, (long)settings.Steps * settings.QueriesPerStep, TrainingSettings.SceneSeed(seed));
        var curve = new List<TrainingProgress>();
        GrpoSegmentationTransformer trained = mlContext.DrSeg().Trainers.GrpoSegmentation(new GrpoSegmentationTrainer.Options
        {
            BaseModel = baseModel,
            Steps = settings.Steps,
            QueriesPerStep = settings.QueriesPerStep,
            GroupSize = settings.GroupSize,
            LearningRate = settings.LearningRate,
            DivergenceWeight = settings.DivergenceWeight,
            Seed = seed,
            Reward = Ranking is { } mode ? new DistributionRankedReward(new DistributionRankedRewardSettings { Mode = mode }) : null,
            LookToConfirm = LooksToConfirm ? Looking(settings.GroupSize, baseModel.Threshold) : null,
            Progress = new CurveRecorder(curve, progress),
            CancellationToken = cancellation,
        }).Fit(scenes);
        return (trained.Model, curve);
    }

    /// <summary>Half the group looks at the whole image, half closer at the best proposal.</summary>
    public static LookToConfirmOptions Looking(int groupSize, float threshold) => new()
    {
        FirstLookAnswers = groupSize / 2,
        CloserViews = 1,
        AnswersPerCloserView = groupSize - groupSize / 2,
        Threshold = threshold,
    };

    private sealed class CurveRecorder(List<TrainingProgress> curve, IProgress<TrainingProgress>? next) : IProgress<GrpoStepMetrics>
    {
        public void Report(GrpoStepMetrics value)
        {
            TrainingProgress progress = value.ToProgress();
            curve.Add(progress);
            next?.Report(progress);
        }
    }
}

/// <summary>What all arms of a comparison share.</summary>
internal sealed record TrainingSettings(int Steps = 120, int QueriesPerStep = 24, int GroupSize = 8, double LearningRate = 2e-4, double DivergenceWeight = 0.1)
{
    // Pretraining uses the small seeds: reinforcement sees scenes that pretraining has not seen.
    private const ulong FirstSceneSeed = 1_000_000;

    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public void Validate()
    {
        Require(Steps >= 1, nameof(Steps), Steps, "at least 1");
        Require(LearningRate > 0 && double.IsFinite(LearningRate), nameof(LearningRate), LearningRate, "above 0 and finite");
        Require(DivergenceWeight >= 0 && double.IsFinite(DivergenceWeight), nameof(DivergenceWeight), DivergenceWeight, "at least 0 and finite");
    }

    public static ulong SceneSeed(int seed) => FirstSceneSeed + (ulong)seed;
}
