using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Makes one token of the patches that follow each other: normalisation, two layers with the exact GELU between. Classes
/// <c>PatchMerger</c>, <c>Qwen2_5_VLPatchMerger</c>, <c>Qwen3VLVisionPatchMerger</c> in huggingface/transformers.
/// </summary>
internal sealed class VisionMerger
{
    private readonly int _merged;
    private readonly bool _normOfMerged;
    private readonly VisionNorm _norm;
    private readonly VisionLinear _first, _second;

    /// <param name="weights">Where its weights come from.</param>
    /// <param name="name">Its name in them.</param>
    /// <param name="family">Which tower it is of.</param>
    /// <param name="shape">The tower's sizes.</param>
    /// <param name="normOfMerged">Whether the patches of a token are normalised together instead of each by itself, as for deepstack.</param>
    public VisionMerger(ModelWeights weights, string name, QwenFamily family, VisionShape shape, bool normOfMerged)
    {
        _merged = shape.HiddenSize * shape.MergeSize * shape.MergeSize;
        (string norm, string first, string second) = family == QwenFamily.Qwen3 ? ("norm", "linear_fc1", "linear_fc2") : ("ln_q", "mlp.0", "mlp.2");
        _norm = new VisionNorm(weights, $"{name}.{norm}", family, normOfMerged ? _merged : shape.HiddenSize);
        _first = new VisionLinear(weights, $"{name}.{first}", _merged, _merged);
        _second = new VisionLinear(weights, $"{name}.{second}", _merged, shape.OutputSize);
        _normOfMerged = normOfMerged;
    }

    /// <summary>[N, D] to [tokens, output].</summary>
    public Tensor Of(Tensor x)
    {
        using var scope = NewDisposeScope();
        Tensor merged = _normOfMerged ? _norm.Of(x.reshape(-1, _merged)) : _norm.Of(x).reshape(-1, _merged);
        return _second.Of(functional.gelu(_first.Of(merged))).MoveToOuterDisposeScope();
    }
}
