using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Scenes;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>What <c>drseg evaluate</c> can be told: an option, and a key of its JSON file, for each.</summary>
internal sealed record EvaluateSettings : IOptionRecord
{
    [Description("Model or checkpoint file; none for the one that the library ships")]
    public string? Model { get; init; }

    [Category(RealModelSettings.Topic), Description(RealModelSettings.FolderDescription)]
    public string? Qwen { get; init; }

    [Category(RealModelSettings.Topic)]
    public RealModelSettings RealModel { get; init; } = new();

    [Category(Ranks.Topic), Description(Ranks.TimeLimitDescription)]
    [Range(1, int.MaxValue)]
    public int RankTimeLimit { get; init; } = Ranks.UsualTimeLimit;

    [Description("Data set of any layout: a folder or an annotation file; none for composed scenes")]
    public string? Data { get; init; }

    [Description("Folder of the data set's images, where it is not where the layout has it")]
    public string? Images { get; init; }

    [Description("Leave damaged rows of the data set out and count them, instead of stopping at the first one")]
    public bool SkipBadRows { get; init; }

    [Description("Composed scenes, at least 1; only without a data set")]
    [Range(1, int.MaxValue)]
    public int Scenes { get; init; } = 2000;

    [Description("Split of the composed scenes; only without a data set")]
    public SceneSplit Split { get; init; } = SceneSplit.Tune;

    [Description("Most objects of one noun in a composed scene, at least 1; only without a data set")]
    [Range(1, int.MaxValue)]
    public int Instances { get; init; } = 1;

    [Description("Share of the composed scenes that are asked for what is not in them, 0 to 1; only without a data set")]
    [Range(0.0, 1.0)]
    public double AbsentShare { get; init; }

    [Category(PredictionSettings.Topic)]
    public PredictionSettings Foreign { get; init; } = new();

    [Description("File of the answers of Look-to-Confirm as COCO results (JSON), which --predictions and other tools read; only with a data set")]
    public string? SavePredictions { get; init; }

    [Description("Fixes Look-to-Confirm's sampled answers")]
    public ulong Seed { get; init; } = 1;

    [Description("File of the figures as JSON, with these options; none for the table alone")]
    public string? Out { get; init; }

    [Description(ModelOnDevice.GpuDescription)]
    public int? Gpu { get; init; }
}
