using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.ML.DrSeg.Common;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>How a real model is loaded, asked and trained.</summary>
/// <remarks>An option that is not browsable is none that a text can give: programs that read options from text have their own way to it.</remarks>
public sealed record QwenModelOptions : IOptionRecord
{
    /// <summary>Template, image size, coordinates and reader; null for the model's own frame (<see cref="QwenRecipe.ResizedPixels"/> or <see cref="QwenRecipe.Thousandths"/>).</summary>
    [Browsable(false)]
    public QwenRecipe? Recipe { get; init; }

    /// <summary>Type of the frozen weights: BFloat16 or Float32; null for BFloat16 on a GPU and Float32 on the processor.</summary>
    [Browsable(false)]
    public ScalarType? WeightType { get; init; }

    /// <summary>Tokens after which an answer is cut off, at least 1. Memory and time of training grow with it.</summary>
    [Range(1, int.MaxValue)]
    public int LongestAnswer { get; init; } = 1024;

    /// <summary>Tokens of the longest prompt, its image's included, at least 1. A longer one is refused and never cut.</summary>
    [Range(1, int.MaxValue)]
    public int LongestPrompt { get; init; } = 4096;

    /// <summary>Rank of a fresh adapter, at least 1.</summary>
    [Range(1, 1024)]
    public int LoraRank { get; init; } = 16;

    /// <summary>Weight of a fresh adapter, above 0: its product is multiplied by alpha / rank.</summary>
    [Range(0, double.MaxValue, MinimumIsExclusive = true)]
    public double LoraAlpha { get; init; } = 32;

    /// <summary>A folder of peft with the adapter to begin with; null for a fresh one, which changes nothing yet.</summary>
    public string? Adapter { get; init; }

    /// <summary>Fixes the fresh weights of adapter and confirming head.</summary>
    [Browsable(false)]
    public int Seed { get; init; } = 1;
}
