using Microsoft.ML.DrSeg.Models;
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

    /// <summary>
    /// Attention of one token of each of G answers to a prompt that is there once: all answers are one long query against it. Scores
    /// are Float32 whatever the type, as they are within <c>scaled_dot_product_attention</c>.
    /// </summary>
    /// <param name="queries">[G, K * R, D].</param>
    /// <param name="promptKeys">[K, S, D].</param>
    /// <param name="promptValues">[K, S, D].</param>
    /// <param name="keys">The answers' own, [G, K, T, D].</param>
    /// <param name="values">[G, K, T, D].</param>
    /// <returns>[G, K * R * D].</returns>
    public static Tensor BehindPrompt(Tensor queries, Tensor promptKeys, Tensor promptValues, Tensor keys, Tensor values)
    {
        using var scope = NewDisposeScope();
        long g = queries.shape[0], d = queries.shape[2], k = keys.shape[1], r = queries.shape[1] / k, s = promptKeys.shape[1], t = keys.shape[2];
        Tensor own = queries.to(ScalarType.Float32).Times(1 / Math.Sqrt(d)).reshape(g * k, r, d);
        Tensor Turned(Tensor all) => all.view(g, k, r, -1).transpose(0, 1);                                                        // [K, G, R, .]
        Tensor toPrompt = bmm(Turned(own).reshape(k, g * r, d), promptKeys.to(ScalarType.Float32).transpose(1, 2));                 // [K, G * R, S]
        Tensor toOwn = Turned(bmm(own, keys.reshape(g * k, t, d).to(ScalarType.Float32).transpose(1, 2))).reshape(k, g * r, t);     // [K, G * R, T]
        Tensor weights = cat([toPrompt, toOwn], 2).softmax(2).to(values.dtype);
        Tensor fromPrompt = bmm(weights.narrow(2, 0, s), promptValues).view(k, g, r, d).transpose(0, 1);                            // [G, K, R, D]
        Tensor fromOwn = bmm(weights.narrow(2, s, t).view(k, g, r, t).transpose(0, 1).reshape(g * k, r, t), values.reshape(g * k, t, d)).view(g, k, r, d);
        return fromPrompt.Plus(fromOwn).reshape(g, k * r * d).MoveToOuterDisposeScope();
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
