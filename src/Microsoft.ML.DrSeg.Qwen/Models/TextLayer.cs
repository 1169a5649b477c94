using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// One layer of the text model: attention, then a gated network, each behind a norm and added to what came in
/// (<c>Qwen2_5_VLDecoderLayer</c>, <c>Qwen3VLTextDecoderLayer</c> in the transformers library). It works on tokens laid one
/// after the other, and who sees whom is another's business.
/// </summary>
internal sealed class TextLayer
{
    private readonly TextShape _shape;
    private readonly LinearWeights[] _linears;
    private readonly Tensor _inputNorm, _middleNorm;
    private readonly Tensor? _queryNorm, _keyNorm;

    public TextLayer(ModelWeights weights, string name, TextShape shape)
    {
        _shape = shape;
        _inputNorm = weights.Take($"{name}.input_layernorm.weight", shape.HiddenSize);
        _middleNorm = weights.Take($"{name}.post_attention_layernorm.weight", shape.HiddenSize);
        _linears = [.. TextModules.All.Select(module =>
        {
            (int inputs, int outputs) = module.Sizes(shape);
            string path = $"{name}.{module.Path()}";
            return new LinearWeights(weights.Take($"{path}.weight", outputs, inputs), module.HasBias(shape) ? weights.Take($"{path}.bias", outputs) : null);
        })];
        if (!shape.HeadNorms) return;
        _queryNorm = weights.Take($"{name}.self_attn.q_norm.weight", shape.HeadSize);
        _keyNorm = weights.Take($"{name}.self_attn.k_norm.weight", shape.HeadSize);
    }

    /// <summary>Runs the layer.</summary>
    /// <param name="hidden">[N, H].</param>
    /// <param name="rotation">Of the N tokens' positions, or of one that all share.</param>
    /// <param name="attend">Who sees whom.</param>
    /// <param name="adapter">Factors by <see cref="TextModule"/>; null for the layer as it is.</param>
    /// <returns>[N, H].</returns>
    public Tensor Forward(Tensor hidden, TextRotation rotation, Attend attend, IReadOnlyList<LoraFactors?>? adapter)
    {
        using var scope = NewDisposeScope();
        Tensor between = hidden.Plus(Attention(hidden, rotation, attend, adapter));
        return between.Plus(Network(between, adapter)).MoveToOuterDisposeScope();
    }

    private Tensor Attention(Tensor hidden, TextRotation rotation, Attend attend, IReadOnlyList<LoraFactors?>? adapter)
    {
        using var scope = NewDisposeScope();
        Tensor normed = RootMeanSquareNorm.Apply(hidden, _inputNorm, _shape.NormEpsilon);
        Tensor Heads(TextModule module, Tensor? norm)
        {
            Tensor heads = Linear(module, normed, adapter).view(hidden.shape[0], -1, _shape.HeadSize);
            return norm is null ? heads : RootMeanSquareNorm.Apply(heads, norm, _shape.NormEpsilon);
        }
        Tensor mixed = attend(rotation.Apply(Heads(TextModule.Query, _queryNorm)), rotation.Apply(Heads(TextModule.Key, _keyNorm)), Heads(TextModule.Value, null));
        return Linear(TextModule.Output, mixed, adapter).MoveToOuterDisposeScope();
    }

    private Tensor Network(Tensor between, IReadOnlyList<LoraFactors?>? adapter)
    {
        using var scope = NewDisposeScope();
        Tensor normed = RootMeanSquareNorm.Apply(between, _middleNorm, _shape.NormEpsilon);
        Tensor gated = nn.functional.silu(Linear(TextModule.Gate, normed, adapter)).mul(Linear(TextModule.Up, normed, adapter));
        return Linear(TextModule.Down, gated, adapter).MoveToOuterDisposeScope();
    }

    private Tensor Linear(TextModule module, Tensor input, IReadOnlyList<LoraFactors?>? adapter) => _linears[(int)module].Apply(input, adapter?[(int)module]);
}
