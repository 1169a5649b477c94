using System.ComponentModel;
using Microsoft.ML.DrSeg.Common;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>What <c>drseg predict</c> can be told beside image and query: an option, and a key of its JSON file, for each.</summary>
internal sealed record PredictSettings : IOptionRecord
{
    [Description("Model or checkpoint file; none for the one that the library ships")]
    public string? Model { get; init; }

    [Category(RealModelSettings.Topic), Description(RealModelSettings.FolderDescription)]
    public string? Qwen { get; init; }

    [Category(RealModelSettings.Topic)]
    public RealModelSettings RealModel { get; init; } = new();

    [Description("Folder of the results; none for that of the image")]
    public string? Out { get; init; }

    [Description("Fixes the sampled answers")]
    public ulong Seed { get; init; } = 1;

    [Description("One greedy answer, without Look-to-Confirm")]
    public bool Greedy { get; init; }

    [Description(ModelOnDevice.GpuDescription)]
    public int? Gpu { get; init; }
}
