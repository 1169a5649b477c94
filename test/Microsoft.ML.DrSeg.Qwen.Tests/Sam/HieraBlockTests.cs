using NUnit.Framework;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>
/// Windows that do not divide the map, as those of 14 on 64 in the tiny, small and base+ models, beside the same attention place by
/// place.
/// </summary>
public class HieraBlockTests
{
    private const string Blocks = "vision_encoder.backbone.blocks.";

    // Blocks of the reference model: 2 keeps a width of 16, 3 doubles it and halves the map.
    [TestCase(2, 2, 6, false)]
    [TestCase(2, 2, 3, false)]
    [TestCase(3, 4, 6, true)]
    [TestCase(3, 4, 0, true)]
    [TestCase(3, 4, 14, true)]
    public void WindowsThatReachBeyondTheMapAreFilledWithZeros(int block, int heads, int window, bool pools)
    {
        using var scope = NewDisposeScope();
        using Sam2Weights weights = Sam2Reference.ReadWeights();
        manual_seed(1);
        Tensor x = randn(1, 8, 10, 16);
        LayerWeights layer = weights[$"{Blocks}{block}"];
        Sam2Reference.AssertClose(new HieraBlock(layer, heads, window, pools).Forward(x), PlaceByPlace(layer, x[0], heads, window, pools).unsqueeze(0), 1e-5);
    }

    private static Tensor PlaceByPlace(LayerWeights layer, Tensor x, int heads, int window, bool pools)
    {
        int rows = (int)x.shape[0], columns = (int)x.shape[1], step = pools ? 2 : 1;
        Tensor normed = layer.LayerNorm("layer_norm1", x);
        Tensor Normed(int row, int column) => row < rows && column < columns ? normed[row][column] : zeros(x.shape[2]);
        Tensor Rows(Func<int, int, Tensor> at, int height, int width) => stack([.. Enumerable.Range(0, height).Select(r => stack([.. Enumerable.Range(0, width).Select(c => at(r, c))]))]);
        Tensor Largest(Func<int, int, Tensor> at, int row, int column) => stack([at(row, column), at(row, column + 1), at(row + 1, column), at(row + 1, column + 1)]).amax([0]);

        var mixed = new Tensor[rows / step, columns / step];
        int high = window == 0 ? rows : window, wide = window == 0 ? columns : window;
        for (int top = 0; top < rows; top += high)
            for (int left = 0; left < columns; left += wide)
            {
                Tensor all = layer.Linear("attn.qkv", Rows((r, c) => Normed(top + r, left + c), high, wide));
                long width = all.shape[2] / 3;
                Tensor queries = all.narrow(2, 0, width);
                Tensor keys = all.narrow(2, width, width).reshape(-1, heads, width / heads), values = all.narrow(2, 2 * width, width).reshape(-1, heads, width / heads);
                for (int r = 0; r < high; r += step)
                    for (int c = 0; c < wide; c += step)
                    {
                        if ((top + r) / step >= rows / step || (left + c) / step >= columns / step) continue;
                        Tensor query = (pools ? Largest((i, j) => queries[i][j], r, c) : queries[r][c]).view(heads, -1);
                        Tensor shares = (einsum("hd,nhd->nh", query, keys) / Math.Sqrt(width / heads)).softmax(0);
                        mixed[(top + r) / step, (left + c) / step] = layer.Linear("attn.proj", einsum("nh,nhd->hd", shares, values).flatten());
                    }
            }
        Tensor projected = pools ? layer.Linear("proj", normed) : x;
        Tensor shortcut = Rows((r, c) => pools ? Largest((i, j) => projected[i][j], 2 * r, 2 * c) : projected[r][c], rows / step, columns / step);
        Tensor after = shortcut + Rows((r, c) => mixed[r, c], rows / step, columns / step);
        return after + layer.Linear("mlp.proj_out", functional.gelu(layer.Linear("mlp.proj_in", layer.LayerNorm("layer_norm2", after))));
    }
}
