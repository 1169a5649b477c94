using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Attention whose scores never take more memory than a bound, also where libtorch has no kernel that does without them: queries
/// are independent of each other and go in pieces.
/// </summary>
internal static class BoundedAttention
{
    // 64 MB of float32.
    private const long MostScores = 1 << 24;

    /// <param name="queries">[B, heads, N, d].</param>
    /// <param name="keys">[B, heads, M, d].</param>
    /// <param name="values">[B, heads, M, d].</param>
    /// <param name="mostScores">Scores that may be in memory at once; one query's are, whatever it says.</param>
    /// <returns>[B, heads, N, d].</returns>
    public static Tensor Of(Tensor queries, Tensor keys, Tensor values, long mostScores = MostScores)
    {
        long count = queries.shape[2], scoresOfOne = keys.shape[0] * keys.shape[1] * keys.shape[2];
        long piece = Math.Max(1, mostScores / scoresOfOne);
        if (piece >= count)
            return functional.scaled_dot_product_attention(queries, keys, values);
        using var scope = NewDisposeScope();
        var mixed = new List<Tensor>();
        for (long from = 0; from < count; from += piece)
            mixed.Add(functional.scaled_dot_product_attention(queries.narrow(2, from, Math.Min(piece, count - from)), keys, values));
        return cat(mixed, 2).MoveToOuterDisposeScope();
    }
}
