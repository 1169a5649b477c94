using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class BoundedAttentionTests
{
    [TestCase(1)]
    [TestCase(7 * 4 * 11)]
    [TestCase(1 << 20)]
    public void PiecesAreTheWhole(long mostScores)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        Tensor queries = randn(2, 3, 13, 8), keys = randn(2, 3, 11, 8), values = randn(2, 3, 11, 8);
        Tensor expected = einsum("bhnm,bhmd->bhnd", (einsum("bhnd,bhmd->bhnm", queries, keys) / Math.Sqrt(8)).softmax(-1), values);
        Sam2Reference.AssertClose(BoundedAttention.Of(queries, keys, values, mostScores), expected, 1e-5);
    }
}
