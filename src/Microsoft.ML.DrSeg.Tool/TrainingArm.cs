using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Scenes;
using Microsoft.ML.DrSeg.Training;


namespace Microsoft.ML.DrSeg.Tool;

/// <summary>One way of training that is compared with the others: same steps, group size and seed, another adapter.</summary>
/// <param name="Key">Name in files.</param>
/// <param name="Title">Name in tables.</param>
/// <param name="LooksToConfirm">Whether answers come from Look-to-Confirm.</param>
/// <param name="Ranking">How rewards are ranked; null for the plain mask IoU.</param>
/// <param name="Components">What is ranked, each by itself; null for what the ranking takes by itself.</param>
internal sealed record TrainingArm(
    string Key, string Title, bool LooksToConfirm, RankedRewardMode? Ranking, IReadOnlyList<WeightedComponent>? Components = null)
{
    // Pretraining uses the small seeds: reinforcement sees scenes that pretraining has not seen.
    private const ulong FirstSceneSeed = 1_000_000;

    /// <summary>What all arms of a comparison share where nobody says otherwise.</summary>
    public static GrpoOptions Shared { get; } = new() { Steps = 120, Optimizer = new() { LearningRate = 2e-4 } };

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

    /// <summary>The seed of the scenes that a training of this seed sees.</summary>
    public static ulong SceneSeed(int seed) => FirstSceneSeed + (ulong)seed;

    /// <summary>Trains a copy of the base model on scenes of the training split.</summary>
    /// <returns>The trained model, which the caller disposes, and what was measured at every step.</returns>
    public (DrSegModel Model, IReadOnlyList<TrainingProgress> Curve) Train(
        DrSegModel baseModel, SceneComposer composer, GrpoOptions training, int seed, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var mlContext = new MLContext(seed);
        IDataView scenes = mlContext.DrSeg().Data.ComposedScenes(composer, SceneSplit.Train, (long)training.Steps * training.Sampling.QueriesPerStep, SceneSeed(seed));
        var curve = new List<TrainingProgress>();
        GrpoSegmentationTransformer trained = mlContext.DrSeg().Trainers.GrpoSegmentation(new GrpoSegmentationTrainer.Options
        {
            BaseModel = baseModel,
            Training = training with
            {
                Seed = seed,
                Sampling = training.Sampling with { LookToConfirm = LooksToConfirm ? Looking(training.Sampling.GroupSize, baseModel.Threshold) : null },
            },
            Reward = Ranking is { } mode ? new DistributionRankedReward(new DistributionRankedRewardSettings { Mode = mode, Components = Components }) : null,
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
