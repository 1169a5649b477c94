using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// One block of the trunk: attention within windows or over the whole map, and a feed-forward layer. The first block of the later
/// stages doubles the width and halves the sides, by pooling the queries.
/// Letters: B images, H x W the map, c its width. Source: sam2/modeling/backbones/hieradet.py, MultiScaleBlock.
/// </summary>
/// <param name="weights">Its tensors.</param>
/// <param name="heads">Heads of attention.</param>
/// <param name="window">Side of its windows; 0 for the whole map.</param>
/// <param name="pools">Whether it halves the sides.</param>
internal sealed class HieraBlock(LayerWeights weights, int heads, int window, bool pools)
{
    /// <summary>[B, H, W, c] to the same, or to [B, H/2, W/2, 2c].</summary>
    public Tensor Forward(Tensor x)
    {
        using Tensor attended = Attend(x);
        using var scope = NewDisposeScope();
        Tensor wide = weights.Linear("mlp.proj_in", weights.LayerNorm("layer_norm2", attended));
        // The widest tensors of the network: one of them at a time.
        Tensor active = functional.gelu(wide);
        wide.Dispose();
        return attended.Plus(weights.Linear("mlp.proj_out", active)).MoveToOuterDisposeScope();
    }

    private Tensor Attend(Tensor x)
    {
        using var scope = NewDisposeScope();
        Tensor normed = weights.LayerNorm("layer_norm1", x);
        Tensor shortcut = pools ? Pool(weights.Linear("proj", normed)) : x;
        if (window == 0)
            return shortcut.Plus(Mix(normed)).MoveToOuterDisposeScope();
        // Places that fill up the last windows are zeros behind the norm: they take part, as keys and values that are biases.
        Tensor mixed = Mix(Partition(normed, window));
        return shortcut.Plus(Join(mixed, shortcut.shape)).MoveToOuterDisposeScope();
    }

    // Attention within maps [N, h, w, c].
    private Tensor Mix(Tensor maps)
    {
        long n = maps.shape[0], h = maps.shape[1], w = maps.shape[2];
        // [N, h w, 3, heads, d]
        Tensor all = weights.Linear("attn.qkv", maps).view(n, h * w, 3, heads, -1);
        Tensor queries = all.select(2, 0);
        if (pools)
        {
            queries = Pool(queries.reshape(n, h, w, -1));
            (h, w) = (queries.shape[1], queries.shape[2]);
            queries = queries.reshape(n, h * w, heads, -1);
        }
        Tensor mixed = BoundedAttention.Of(queries.transpose(1, 2), all.select(2, 1).transpose(1, 2), all.select(2, 2).transpose(1, 2));
        return weights.Linear("attn.proj", mixed.transpose(1, 2).reshape(n, h, w, -1));
    }

    // [B, H, W, c] to half the sides.
    private static Tensor Pool(Tensor x) => functional.max_pool2d(x.permute(0, 3, 1, 2), [2, 2], [2, 2]).permute(0, 2, 3, 1);

    private static Tensor Partition(Tensor x, long side)
    {
        long b = x.shape[0], c = x.shape[3], right = Missing(x.shape[2], side), below = Missing(x.shape[1], side);
        if (right > 0 || below > 0)
            x = functional.pad(x, [0, 0, 0, right, 0, below]);
        return x.reshape(b, x.shape[1] / side, side, x.shape[2] / side, side, c).permute(0, 1, 3, 2, 4, 5).reshape(-1, side, side, c);
    }

    // Windows back to a map of that shape.
    private static Tensor Join(Tensor windows, long[] shape)
    {
        long side = windows.shape[1], rows = shape[1] + Missing(shape[1], side), columns = shape[2] + Missing(shape[2], side);
        Tensor padded = windows.reshape(shape[0], rows / side, columns / side, side, side, shape[3]).permute(0, 1, 3, 2, 4, 5).reshape(shape[0], rows, columns, shape[3]);
        return padded.narrow(1, 0, shape[1]).narrow(2, 0, shape[2]);
    }

    private static long Missing(long length, long side) => (side - length % side) % side;
}
