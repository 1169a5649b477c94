using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>What the head sees of an image, frozen. Letters: P places, C cells of some places each, d SAM's width.</summary>
/// <param name="Places">[1, P, d].</param>
/// <param name="Cells">[1, C, d], means of places.</param>
/// <param name="PlacePositions">[1, P, d].</param>
/// <param name="CellPositions">[1, C, d].</param>
internal readonly record struct SeenImage(Tensor Places, Tensor Cells, Tensor PlacePositions, Tensor CellPositions);

/// <summary>
/// Cross-attention of masks and their image. The cells of a mask ask; the places of the image answer, then the cells each other.
/// Every cell ends as one of the confidence map; a token more, the judge, as the confidence. Linear layers and attention alone.
/// Letters: B candidates of one image, C cells, P places, D width.
/// </summary>
/// <param name="shape">Its sizes.</param>
/// <param name="tensors">Its weights (<see cref="SamConfirmationWeights"/>).</param>
internal sealed class SamConfirmationNetwork(SamConfirmationShape shape, IReadOnlyDictionary<string, Tensor> tensors)
{
    private readonly LayerWeights _weights = new(tensors, "");

    /// <summary>Scores candidates.</summary>
    /// <param name="image">Their image.</param>
    /// <param name="masks">Their masks, embedded, [B, C, d].</param>
    /// <param name="queries">What was asked for, [B, W].</param>
    /// <returns>Logits of the confidence [B] and of the confidence map [B, C].</returns>
    public (Tensor Confidence, Tensor Map) Score(SeenImage image, Tensor masks, Tensor queries)
    {
        using var scope = NewDisposeScope();
        Tensor asked = _weights.Linear("query", queries).unsqueeze(1);                               // [B, 1, D]
        // What was asked for chooses what to see (FiLM, Perez et al. 2018, arXiv 1709.07871).
        Tensor[] parts = _weights.Linear("modulation", functional.silu(asked)).chunk(2, -1);
        Tensor seen = (_weights.Linear("image", image.Cells) * parts[0].Plus(1)).Plus(parts[1]);     // [B, C, D]
        Tensor cells = seen.Plus(_weights.Linear("mask", masks)).Plus(_weights.Linear("position", image.CellPositions));
        Tensor places = _weights.LayerNorm("image_norm", _weights.Linear("image", image.Places).Plus(_weights.Linear("position", image.PlacePositions)));
        Tensor x = cat([asked.Plus(_weights["judge"]), cells], 1);                                   // [B, 1 + C, D]
        for (int i = 0; i < shape.Layers; i++)
            x = Layer(_weights.Under($"layers.{i}"), x, places);
        x = _weights.LayerNorm("final_norm", x);
        return (
            _weights.Linear("confidence_head", x.select(1, 0)).squeeze(-1).MoveToOuterDisposeScope(),
            _weights.Linear("map_head", x.narrow(1, 1, x.shape[1] - 1)).squeeze(-1).MoveToOuterDisposeScope());
    }

    private Tensor Layer(LayerWeights layer, Tensor x, Tensor places)
    {
        LayerWeights toImage = layer.Under("image_attn"), own = layer.Under("self_attn"), mlp = layer.Under("mlp");
        // All candidates ask the same image: their cells in one row, so that its places need no copies.
        Tensor asking = toImage.LayerNorm("layer_norm", x).reshape(1, -1, x.shape[2]);
        x = x.Plus(Attend(toImage, asking, places).view(x.shape));
        asking = own.LayerNorm("layer_norm", x);
        x = x.Plus(Attend(own, asking, asking));
        return x.Plus(mlp.Linear("proj_out", functional.gelu(mlp.Linear("proj_in", mlp.LayerNorm("layer_norm", x)))));
    }

    // [N, n, D] looks at [N, m, D].
    private Tensor Attend(LayerWeights attention, Tensor asking, Tensor memory)
    {
        Tensor mixed = BoundedAttention.Of(
            Heads(attention.Linear("q_proj", asking)), Heads(functional.linear(memory, attention["k_proj.weight"])), Heads(attention.Linear("v_proj", memory)));
        return attention.Linear("o_proj", mixed.transpose(1, 2).flatten(2));
    }

    private Tensor Heads(Tensor x) => x.view(x.shape[0], x.shape[1], shape.Heads, -1).transpose(1, 2);
}
