using System.ComponentModel;
using Microsoft.ML.DrSeg.Compact;
using static Microsoft.ML.DrSeg.Common.OptionChecks;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>What <c>drseg pretrain</c> can be told: an option, and a key of its JSON file, for each.</summary>
internal sealed record PretrainSettings
{
    private static readonly PretrainingOptions Defaults = new();

    [Description("File of the trained model; the options go beside it")]
    public string Out { get; init; } = "artifacts/base.drseg";

    [Description("File of the learning curves (CSV)")]
    public string Log { get; init; } = "artifacts/pretrain.csv";

    [Description("Fixes the weights at the start and every random draw")]
    public ulong Seed { get; init; } = Defaults.Seed;

    [Description("Examples a step, at least 4")]
    public int BatchSize { get; init; } = Defaults.BatchSize;

    [Description("Peak learning rate of every part")]
    public double LearningRate { get; init; } = Defaults.LearningRate;

    [Description("Steps of the segmenter")]
    public int SegmenterSteps { get; init; } = Defaults.SegmenterSteps;

    [Description("Steps of the policy")]
    public int PolicySteps { get; init; } = Defaults.PolicySteps;

    [Description("Steps of the confirming head")]
    public int ConfirmationSteps { get; init; } = Defaults.ConfirmationSteps;

    [Description("Model to train further instead of a new one; a part of 0 steps stays as it is")]
    public string? Model { get; init; }

    [Description(ModelOnDevice.GpuDescription)]
    public int? Gpu { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public void Validate()
    {
        Require(BatchSize >= 4, nameof(BatchSize), BatchSize, "at least 4");
        Require(LearningRate > 0 && double.IsFinite(LearningRate), nameof(LearningRate), LearningRate, "above 0 and finite");
        Require(SegmenterSteps >= 0, nameof(SegmenterSteps), SegmenterSteps, "at least 0");
        Require(PolicySteps >= 0, nameof(PolicySteps), PolicySteps, "at least 0");
        Require(ConfirmationSteps >= 0, nameof(ConfirmationSteps), ConfirmationSteps, "at least 0");
    }

    public PretrainingOptions ToOptions() => Defaults with
    {
        Seed = Seed,
        BatchSize = BatchSize,
        LearningRate = LearningRate,
        SegmenterSteps = SegmenterSteps,
        PolicySteps = PolicySteps,
        ConfirmationSteps = ConfirmationSteps,
    };
}
