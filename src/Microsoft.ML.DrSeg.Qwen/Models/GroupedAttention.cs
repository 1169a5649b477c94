using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>How the tokens of a pass see each other: queries [N, heads, D], keys and values [N, key heads, D] in, [N, heads * D] out.</summary>
internal delegate Tensor Attend(Tensor queries, Tensor keys, Tensor values);

/// <summary>
/// Attention with fewer heads of keys than of queries. The queries that share a head of keys are laid one after the other as
/// if they were later tokens, so that no key is repeated for them.
/// </summary>
/// <remarks>Letters: B sequences, T queries, S keys, K heads of keys, R queries to each of them, D the size of a head.</remarks>
internal static class GroupedAttention
{
    /// <param name="queries">[B, T, K * R, D].</param>
    /// <param name="keys">[B, K, S, D].</param>
    /// <param name="values">[B, K, S, D].</param>
    /// <param name="visible">[R * T, S], true where a query sees a key, as <see cref="Tiled"/> makes it; null for everywhere.</param>
    /// <returns>[B * T, K * R * D].</returns>
    public static Tensor Apply(Tensor queries, Tensor keys, Tensor values, Tensor? visible)
    {
        using var scope = NewDisposeScope();
        long b = queries.shape[0], t = queries.shape[1], d = queries.shape[3], k = keys.shape[1], r = queries.shape[2] / k;
        Tensor folded = queries.view(b, t, k, r, d).permute(0, 2, 3, 1, 4).reshape(b, k, r * t, d);
        Tensor mixed = nn.functional.scaled_dot_product_attention(folded, keys, values, visible, 0, false);
        return mixed.view(b, k, r, t, d).permute(0, 3, 1, 2, 4).reshape(b * t, k * r * d).MoveToOuterDisposeScope();
    }

    /// <summary>The keys that each of the last tokens sees: all before them, and those up to itself.</summary>
    /// <param name="before">Keys that everyone sees.</param>
    /// <param name="own">T tokens that follow, each with a key.</param>
    /// <param name="shape">Says how often it is needed.</param>
    /// <param name="device">Where.</param>
    /// <returns>[R * T, before + T] of Bool.</returns>
    public static Tensor Tiled(long before, long own, TextShape shape, Device device)
    {
        using var scope = NewDisposeScope();
        Tensor causal = ones(own, before + own, ScalarType.Bool, device).tril(before);
        return causal.repeat(shape.Heads / shape.KeyValueHeads, 1).MoveToOuterDisposeScope();
    }
}
