using System.ComponentModel;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Compact;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>What <c>drseg pretrain</c> can be told: an option, and a key of its JSON file, for each.</summary>
internal sealed record PretrainSettings : IOptionRecord
{
    [Description("File of the trained model; the options go beside it")]
    public string Out { get; init; } = "artifacts/base.drseg";

    [Description("File of the learning curves (CSV)")]
    public string Log { get; init; } = "artifacts/pretrain.csv";

    [Description("Model to train further instead of a new one; a part of 0 steps stays as it is")]
    public string? Model { get; init; }

    [Description(ModelOnDevice.GpuDescription)]
    public int? Gpu { get; init; }

    public PretrainingOptions Training { get; init; } = new();
}
