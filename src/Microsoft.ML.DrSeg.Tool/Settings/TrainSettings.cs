using System.ComponentModel;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Training;
using static Microsoft.ML.DrSeg.Common.OptionChecks;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>What <c>drseg train</c> can be told: an option, and a key of its JSON file, for each.</summary>
internal sealed record TrainSettings
{
    private static readonly GrpoSegmentationTrainer.Options Defaults = new();

    [Description("Folder of the run: checkpoints, log, report, and the trained model.drseg")]
    public string Out { get; init; } = "artifacts/run";

    [Description("Go on from the newest checkpoint of the folder, with the options written there")]
    public bool Resume { get; init; }

    [Description("Model file to begin with; none for the one that the library ships")]
    public string? Model { get; init; }

    [Description("Data set of any layout to train on: a folder or an annotation file; none for composed scenes")]
    public string? Data { get; init; }

    [Description("Data set to validate on; none for composed scenes of the tuning split")]
    public string? ValidationData { get; init; }

    [Description("Composed scenes to validate on, only without a data set for it; 0 for no validation on scenes")]
    public int ValidationScenes { get; init; } = 200;

    [Description("Optimisation steps")]
    public int Steps { get; init; } = Defaults.Steps;

    [Description("Queries a step")]
    public int QueriesPerStep { get; init; } = Defaults.QueriesPerStep;

    [Description("Answers a query; with look-to-confirm half of them look closer")]
    public int GroupSize { get; init; } = Defaults.GroupSize;

    [Description(ModelOnDevice.GpuDescription)]
    public int? Gpu { get; init; }

    [Description("Fixes every random draw")]
    public int Seed { get; init; } = Defaults.Seed;

    [Description("Train with Look-to-Confirm")]
    public bool LookToConfirm { get; init; }

    [Description("Rank rewards within the group or against a window of recent values; none for the plain mask IoU")]
    public RankedRewardMode? Ranking { get; init; }

    [Description("Learning rate at the end of the warm-up")]
    public double LearningRate { get; init; } = Defaults.LearningRate;

    [Description("How the learning rate falls after the warm-up")]
    public LearningRateShape LearningRateShape { get; init; } = Defaults.LearningRateShape;

    [Description("Share of the steps in which the learning rate rises, 0 to below 1")]
    public double WarmUpShare { get; init; } = Defaults.WarmUpShare;

    [Description("Gradients of a larger norm are scaled down to this")]
    public double LargestGradientNorm { get; init; } = Defaults.LargestGradientNorm;

    [Description("Weight of the divergence from the reference; 0 holds none in memory")]
    public double DivergenceWeight { get; init; } = 0.1;

    [Description("How the divergence is estimated")]
    public DivergenceEstimator DivergenceEstimator { get; init; } = Defaults.DivergenceEstimator;

    [Description("Every how many steps the reference becomes the policy; 0 keeps it frozen")]
    public int ReferenceSyncEveryNSteps { get; init; }

    [Description("How the losses of tokens become the loss of a step")]
    public LossAggregation LossAggregation { get; init; } = Defaults.LossAggregation;

    [Description("Compare probabilities token by token or by whole answers")]
    public ImportanceRatio ImportanceRatio { get; init; } = Defaults.ImportanceRatio;

    [Description("How far below 1 a probability ratio may go")]
    public double ClipLow { get; init; } = Defaults.ClipLow;

    [Description("How far above 1 a probability ratio may go")]
    public double ClipHigh { get; init; } = Defaults.ClipHigh;

    [Description("Largest ratio that counts for a bad answer, above 1 + clip-high; none for no cap")]
    public double? RatioCap { get; init; }

    [Description("Weight of a bonus for entropy")]
    public double EntropyWeight { get; init; }

    [Description("Updates on the same answers")]
    public int UpdatesPerStep { get; init; } = Defaults.UpdatesPerStep;

    [Description("What the difference from the group's mean reward is divided by")]
    public AdvantageScaling AdvantageScaling { get; init; } = Defaults.AdvantageScaling;

    [Description("How many times a step replaces queries whose answers all earned the same")]
    public int ResampleAttempts { get; init; }

    [Description("Leave answers that could not be parsed out of the loss")]
    public bool MaskFailedAnswers { get; init; }

    [Description("Leave answers without an end out of the loss")]
    public bool MaskOverlongAnswers { get; init; }

    [Description("Rows held in memory to draw the next from; 0 keeps their order")]
    public int ShufflePoolSize { get; init; }

    [Description("Leave rows out that are not well formed, count and log them")]
    public bool SkipBadRows { get; init; }

    [Description("Steps between two checkpoints")]
    public int CheckpointEveryNSteps { get; init; } = 100;

    [Description("Checkpoints kept, besides the best by validation")]
    public int KeepCheckpoints { get; init; } = 3;

    [Description("Steps between two validations")]
    public int ValidateEveryNSteps { get; init; } = 50;

    [Description("Validations in a row without a better one after which to stop; 0 never stops early")]
    public int Patience { get; init; }

    [Description("Steps between two pictures of sample answers; 0 for none")]
    public int SampleEveryNSteps { get; init; } = 50;

    /// <summary>Checks what the trainer knows by another name, or not at all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public void Validate()
    {
        Require(ValidationScenes >= 0, nameof(ValidationScenes), ValidationScenes, "at least 0");
        Require(ValidateEveryNSteps >= 1, nameof(ValidateEveryNSteps), ValidateEveryNSteps, "at least 1");
        Require(!LookToConfirm || GroupSize >= 4, nameof(GroupSize), GroupSize, "at least 4 with --look-to-confirm: two answers to the first look and two to the closer one");
    }

    /// <summary>The trainer's options.</summary>
    public GrpoSegmentationTrainer.Options ToOptions(float threshold, IDataView? validation) => new()
    {
        Steps = Steps,
        QueriesPerStep = QueriesPerStep,
        GroupSize = GroupSize,
        Seed = Seed,
        LearningRate = LearningRate,
        LearningRateShape = LearningRateShape,
        WarmUpShare = WarmUpShare,
        LargestGradientNorm = LargestGradientNorm,
        DivergenceWeight = DivergenceWeight,
        DivergenceEstimator = DivergenceEstimator,
        ReferenceSyncEveryNSteps = ReferenceSyncEveryNSteps,
        LossAggregation = LossAggregation,
        ImportanceRatio = ImportanceRatio,
        ClipLow = ClipLow,
        ClipHigh = ClipHigh,
        RatioCap = RatioCap,
        EntropyWeight = EntropyWeight,
        UpdatesPerStep = UpdatesPerStep,
        AdvantageScaling = AdvantageScaling,
        ResampleAttempts = ResampleAttempts,
        MaskFailedAnswers = MaskFailedAnswers,
        MaskOverlongAnswers = MaskOverlongAnswers,
        ShufflePoolSize = ShufflePoolSize,
        SkipBadRows = SkipBadRows,
        Reward = Ranking is { } mode ? new DistributionRankedReward(new() { Mode = mode }) : null,
        LookToConfirm = LookToConfirm ? TrainingArm.Looking(GroupSize, threshold) : null,
        Run = new RunOptions(Out)
        {
            Resume = Resume,
            CheckpointEveryNSteps = CheckpointEveryNSteps,
            KeepCheckpoints = KeepCheckpoints,
            SampleEveryNSteps = SampleEveryNSteps,
        },
        Validation = validation is null ? null : new ValidationOptions(validation) { EveryNSteps = ValidateEveryNSteps, Patience = Patience },
    };
}
