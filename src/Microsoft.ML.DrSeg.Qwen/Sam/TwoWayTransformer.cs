using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Lets the tokens of prompts and the places of an image look at each other, twice. Letters: N objects, T tokens, M places, d width.
/// Source: sam2/modeling/sam/transformer.py.
/// </summary>
internal sealed class TwoWayTransformer(LayerWeights weights, int heads)
{
    private const double Epsilon = 1e-5;

    /// <param name="tokens">[N, T, d]; they are their own positions too.</param>
    /// <param name="places">[N, M, d].</param>
    /// <param name="positions">[1, M, d], those of the places.</param>
    /// <returns>Both as they are afterwards.</returns>
    public (Tensor Tokens, Tensor Places) Forward(Tensor tokens, Tensor places, Tensor positions)
    {
        using var scope = NewDisposeScope();
        Tensor x = tokens, map = places;
        for (int layer = 0; layer < Sam2Shape.DecoderLayers; layer++)
        {
            (Tensor nextTokens, Tensor nextMap) = Layer(weights.Under($"layers.{layer}"), layer == 0, tokens, x, map, positions);
            if (layer > 0)
            {
                x.Dispose();
                map.Dispose();
            }
            (x, map) = (nextTokens, nextMap);
        }
        Tensor seen = Attend(weights.Under("final_attn_token_to_image"), x.Plus(tokens), map.Plus(positions), map);
        return (weights.LayerNorm("layer_norm_final_attn", x.Plus(seen), Epsilon).MoveToOuterDisposeScope(), map.MoveToOuterDisposeScope());
    }

    private (Tensor Tokens, Tensor Places) Layer(LayerWeights layer, bool isFirst, Tensor tokens, Tensor x, Tensor map, Tensor positions)
    {
        using var scope = NewDisposeScope();
        LayerWeights self = layer.Under("self_attn"), toImage = layer.Under("cross_attn_token_to_image"), toTokens = layer.Under("cross_attn_image_to_token");
        // In the first layer tokens and their positions are one, and what was is not added.
        Tensor own = isFirst ? Attend(self, x, x, x) : x.Plus(Attend(self, x.Plus(tokens), x.Plus(tokens), x));
        own = layer.LayerNorm("layer_norm1", own, Epsilon);
        Tensor placed = map.Plus(positions);
        own = layer.LayerNorm("layer_norm2", own.Plus(Attend(toImage, own.Plus(tokens), placed, map)), Epsilon);
        Tensor inner = functional.relu(layer.Linear("mlp.proj_in", own));
        own = layer.LayerNorm("layer_norm3", own.Plus(layer.Linear("mlp.proj_out", inner)), Epsilon);
        Tensor answered = map.Plus(Attend(toTokens, placed, own.Plus(tokens), own));
        return (own.MoveToOuterDisposeScope(), layer.LayerNorm("layer_norm4", answered, Epsilon).MoveToOuterDisposeScope());
    }

    // [N, n, d] looks at [N, m, d].
    private Tensor Attend(LayerWeights attention, Tensor queries, Tensor keys, Tensor values)
    {
        using var scope = NewDisposeScope();
        Tensor mixed = BoundedAttention.Of(
            Heads(attention.Linear("q_proj", queries)), Heads(attention.Linear("k_proj", keys)), Heads(attention.Linear("v_proj", values)));
        return attention.Linear("o_proj", mixed.transpose(1, 2).flatten(2)).MoveToOuterDisposeScope();
    }

    private Tensor Heads(Tensor x) => x.view(x.shape[0], x.shape[1], heads, -1).transpose(1, 2);
}
