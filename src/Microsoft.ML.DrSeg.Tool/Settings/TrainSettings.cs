using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Qwen;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Training;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>What <c>drseg train</c> can be told: an option, and a key of its JSON file, for each.</summary>
internal sealed record TrainSettings : IOptionRecord
{
    [Category("Model"), Description("Model file to begin with; none for the one that the library ships")]
    public string? Model { get; init; }

    [Category(RealModelSettings.Topic), Description(RealModelSettings.FolderDescription)]
    public string? Qwen { get; init; }

    [Category(RealModelSettings.Topic)]
    public RealModelSettings RealModel { get; init; } = new();

    [Category("Model"), Description(ModelOnDevice.GpuDescription)]
    public int? Gpu { get; init; }

    [Category(Ranks.Topic), Description(Ranks.TimeLimitDescription)]
    [Range(1, int.MaxValue)]
    public int RankTimeLimit { get; init; } = Ranks.UsualTimeLimit;

    [Category("Data"), Description("Data set of any layout to train on: a folder or an annotation file; none for composed scenes")]
    public string? Data { get; init; }

    [Category("Data"), Description("Folder of the data set's images, where it is not where the layout has it")]
    public string? Images { get; init; }

    [Category("Data"), Description("Data set to validate on; none for composed scenes of the tuning split")]
    public string? ValidationData { get; init; }

    [Category("Data"), Description("Composed scenes to validate on, only without a data set for it; 0 for no validation on scenes")]
    [Range(0, int.MaxValue)]
    public int ValidationScenes { get; init; } = 200;

    [Category("Reward"), Description("Rank rewards within the group or against a window of recent values; none for the plain mask IoU")]
    public RankedRewardMode? Ranking { get; init; }

    public GrpoOptions Training { get; init; } = new() { Run = new("artifacts/run"), Validation = new() };

    [Category(nameof(GrpoOptions.Sampling)), Description("Train with Look-to-Confirm; half of a query's answers then look closer")]
    public bool LookToConfirm { get; init; }

    /// <summary>The defaults where a recipe is given that has a training of its own.</summary>
    public static TrainSettings DefaultsOf(TrainSettings given)
    {
        var usual = new TrainSettings();
        return given.RealModel.Recipe != RecipeName.DrSeg ? usual : usual with
        {
            Ranking = QwenRecipe.DrSegReward.Mode,
            Training = QwenRecipe.DrSegTraining with { Run = usual.Training.Run, Validation = usual.Training.Validation },
        };
    }

    void IOptionRecord.RequireTogether(string prefix)
    {
        int answers = Training.Sampling.GroupSize;
        OptionChecks.Require(
            !LookToConfirm || answers >= 4, nameof(SamplingOptions.GroupSize), answers, "at least 4 with --look-to-confirm: two answers to the first look and two to the closer one");
    }

    /// <summary>The trainer's options.</summary>
    public GrpoSegmentationTrainer.Options ToOptions(float threshold, IDataView? validation) => new()
    {
        Training = Training with
        {
            Sampling = LookToConfirm ? Training.Sampling with { LookToConfirm = TrainingArm.Looking(Training.Sampling.GroupSize, threshold) } : Training.Sampling,
            Validation = validation is null ? null : Training.Validation,
        },
        Reward = Ranking is { } mode ? new DistributionRankedReward(RealModel.Recipe == RecipeName.DrSeg && mode == QwenRecipe.DrSegReward.Mode ? QwenRecipe.DrSegReward : new() { Mode = mode }) : null,
        ValidationData = validation,
    };
}
