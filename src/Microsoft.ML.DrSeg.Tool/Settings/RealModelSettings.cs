using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Qwen;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>How a model of Qwen's and a SAM are loaded and asked.</summary>
internal sealed record RealModelSettings : IOptionRecord
{
    public const string Topic = "Real model", FolderDescription = "Folder of a Qwen2.5-VL, Qwen2-VL or Qwen3-VL in Hugging Face's layout, with --sam";

    [Description("Folder or file of SAM 2 or 2.1, such as sam2.1-hiera-large or sam2.1_hiera_large.pt")]
    public string? Sam { get; init; }

    [Description("How the model is asked: by its own frame, as in the paper (dr-seg; its reward and training become the defaults too), or by a frame of your choice")]
    public RecipeName Recipe { get; init; }

    [Description("Most pixels of a resized image, at least 1, with thousandths or resized-pixels; none for what the model's folder says")]
    [Range(1, int.MaxValue)]
    public int? MaxPixels { get; init; }

    [Description("Type of the frozen weights; none for BFloat16 on a GPU and Float32 on the processor")]
    public FrozenType? WeightType { get; init; }

    public QwenModelOptions Asking { get; init; } = new();

    /// <summary>The library's options.</summary>
    public QwenModelOptions ToOptions() => Asking with
    {
        Recipe = Named(),
        WeightType = WeightType is { } type ? type == FrozenType.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32 : null,
    };

    void IOptionRecord.RequireTogether(string prefix)
    {
        if (MaxPixels is not null && Recipe is not (RecipeName.Thousandths or RecipeName.ResizedPixels))
            throw new ArgumentException("--max-pixels bounds images that keep their aspect: it needs --recipe thousandths or --recipe resized-pixels.");
    }

    private QwenRecipe? Named()
    {
        QwenRecipe? recipe = Recipe switch
        {
            RecipeName.DrSeg => QwenRecipe.DrSeg,
            RecipeName.Thousandths => QwenRecipe.Thousandths,
            RecipeName.ResizedPixels => QwenRecipe.ResizedPixels,
            _ => null,
        };
        return MaxPixels is { } most ? recipe! with { Sizing = new SmartSizing(MaxPixels: most) } : recipe;
    }
}

/// <summary>The library's recipes by name.</summary>
internal enum RecipeName
{
    Own,
    DrSeg,
    Thousandths,
    ResizedPixels,
}

/// <summary>Types of frozen weights.</summary>
internal enum FrozenType
{
    Float32,
    BFloat16,
}
