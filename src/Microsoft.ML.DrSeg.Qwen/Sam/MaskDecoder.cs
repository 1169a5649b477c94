using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>What the mask decoder says of N objects.</summary>
/// <param name="Logits">[N, 4, S/4, S/4]: mask 0 stands alone, 1 to 3 are a choice of part and whole.</param>
/// <param name="Quality">[N, 4]: the overlap (IoU) with the object that it expects of each mask, 0 to 1.</param>
/// <param name="Presence">[N, 1]: logit that the object is there.</param>
internal readonly record struct MaskPredictions(Tensor Logits, Tensor Quality, Tensor Presence);

/// <summary>
/// SAM 2's mask decoder, for all objects of one image at once. Letters: N objects, d width, s the side of the map that prompts
/// meet. Source: sam2/modeling/sam/mask_decoder.py.
/// </summary>
internal sealed class MaskDecoder
{
    private readonly LayerWeights _weights;
    private readonly TwoWayTransformer _transformer;

    public MaskDecoder(Sam2Shape shape, Sam2Weights weights)
    {
        _weights = weights["mask_decoder"];
        _transformer = new TwoWayTransformer(_weights.Under("transformer"), shape.DecoderHeads);
    }

    /// <param name="image">The image, in float32.</param>
    /// <param name="sparse">Tokens of the prompts, [N, P, d].</param>
    /// <param name="dense">Earlier masks, [1 or N, d, 1 or s, 1 or s].</param>
    /// <param name="grid">Positions of the map's places, [1, d, s, s].</param>
    public MaskPredictions Decode(ImageEmbedding image, Tensor sparse, Tensor dense, Tensor grid)
    {
        using var scope = NewDisposeScope();
        long n = sparse.shape[0], side = image.Coarse.shape[2];
        Tensor own = cat([_weights["obj_score_token.weight"], _weights["iou_token.weight"], _weights["mask_tokens.weight"]], 0);
        Tensor tokens = cat([own.expand(n, -1, -1), sparse], 1);
        Tensor places = Flat(image.Coarse.Plus(dense)).expand(n, -1, -1);
        (Tensor after, Tensor map) = _transformer.Forward(tokens, places, Flat(grid));
        Tensor upscaled = Upscale(map.transpose(1, 2).reshape(n, -1, side, side), image);
        map.Dispose();
        // Each mask token becomes a filter over the upscaled channels.
        Tensor filters = stack([.. Enumerable.Range(0, Sam2Shape.Masks).Select(mask => Head($"output_hypernetworks_mlps.{mask}", after.select(1, 2 + mask)))], 1);
        Tensor logits = filters.bmm(upscaled.flatten(2)).view(n, Sam2Shape.Masks, upscaled.shape[2], upscaled.shape[3]);
        return new MaskPredictions(
            logits.MoveToOuterDisposeScope(),
            Head("iou_prediction_head", after.select(1, 1)).sigmoid().MoveToOuterDisposeScope(),
            Head("pred_obj_score_head", after.select(1, 0)).MoveToOuterDisposeScope());
    }

    // [N, d, s, s] to [N, d/8, 4s, 4s], with the finer maps of the image added on the way.
    private Tensor Upscale(Tensor map, ImageEmbedding image)
    {
        using var scope = NewDisposeScope();
        Tensor x = _weights.Upscaling("upscale_conv1", map).Plus(image.Middle);
        x = functional.gelu(_weights.ChannelNorm("upscale_layer_norm", x));
        return functional.gelu(_weights.Upscaling("upscale_conv2", x).Plus(image.Fine)).MoveToOuterDisposeScope();
    }

    private Tensor Head(string name, Tensor x)
    {
        LayerWeights head = _weights.Under(name);
        return head.Linear("proj_out", functional.relu(head.Linear("layers.0", functional.relu(head.Linear("proj_in", x)))));
    }

    private static Tensor Flat(Tensor map) => map.flatten(2).transpose(1, 2);
}
