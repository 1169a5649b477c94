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

    /// <param name="shape">Sizes.</param>
    /// <param name="weight">Gives a weight by its name inside the layer and its shape; it stays the giver's.</param>
    public TextLayer(TextShape shape, Func<string, long[], Tensor> weight)
    {
        _shape = shape;
        _inputNorm = weight("input_layernorm.weight", [shape.HiddenSize]);
        _middleNorm = weight("post_attention_layernorm.weight", [shape.HiddenSize]);
        _linears = [.. TextModules.All.Select(module =>
        {
            (int wide, int narrow) = module.Sizes(shape);
            return new LinearWeights(weight($"{module.Path()}.weight", [narrow, wide]), module.HasBias(shape) ? weight($"{module.Path()}.bias", [narrow]) : null);
        })];
        if (!shape.HeadNorms) return;
        _queryNorm = weight("self_attn.q_norm.weight", [shape.HeadSize]);
        _keyNorm = weight("self_attn.k_norm.weight", [shape.HeadSize]);
    }

    /// <summary>Runs the layer.</summary>
    /// <param name="hidden">[N, H].</param>
    /// <param name="positions">Of the N tokens, or of one where all have the same.</param>
    /// <param name="attend">Who sees whom.</param>
    /// <param name="adapter">Factors by <see cref="TextModule"/>; null for the layer as it is.</param>
    /// <returns>[N, H].</returns>
    public Tensor Forward(Tensor hidden, RotaryPositions positions, Attend attend, IReadOnlyList<LoraFactors?>? adapter)
    {
        using var scope = NewDisposeScope();
        Tensor between = hidden.Plus(Attention(hidden, positions, attend, adapter));
        return between.Plus(Network(between, adapter)).MoveToOuterDisposeScope();
    }

    private Tensor Attention(Tensor hidden, RotaryPositions positions, Attend attend, IReadOnlyList<LoraFactors?>? adapter)
    {
        using var scope = NewDisposeScope();
        Tensor normed = RootMeanSquareNorm.Apply(hidden, _inputNorm, _shape.NormEpsilon);
        Tensor Heads(TextModule module, Tensor? norm)
        {
            Tensor heads = Linear(module, normed, adapter).view(hidden.shape[0], -1, _shape.HeadSize);
            return norm is null ? heads : RootMeanSquareNorm.Apply(heads, norm, _shape.NormEpsilon);
        }
        Tensor mixed = attend(positions.Apply(Heads(TextModule.Query, _queryNorm)), positions.Apply(Heads(TextModule.Key, _keyNorm)), Heads(TextModule.Value, null));
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
