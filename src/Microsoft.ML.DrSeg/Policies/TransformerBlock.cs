using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Policies;

/// <summary>Keys and values of one block, [B, heads, ..., tokens, width/heads].</summary>
internal readonly record struct KeyValue(Tensor Keys, Tensor Values) : IDisposable
{
    public void Dispose()
    {
        Keys.Dispose();
        Values.Dispose();
    }

    /// <summary>Lets both outlive the current dispose scope.</summary>
    public KeyValue MoveToOuterDisposeScope() => new(Keys.MoveToOuterDisposeScope(), Values.MoveToOuterDisposeScope());
}

/// <summary>
/// One pre-norm transformer block with shared weights for the prompt and the answers.
/// The prompt attends to itself in both directions and runs once per query; each of the G answers attends
/// to the prompt's keys and values, which all answers share, and causally to itself.
/// Letters: B prompts, G answers each, T answer tokens, P prompt tokens, H heads, D width, d = D/H.
/// </summary>
internal sealed class TransformerBlock : nn.Module
{
    private const int FeedForwardFactor = 4;

    private readonly int heads;
    private readonly int width;
    private readonly LayerNorm attentionNorm;
    private readonly Linear queryKeyValue;
    private readonly Linear projection;
    private readonly LayerNorm feedForwardNorm;
    private readonly Linear expand;
    private readonly Linear contract;

    public TransformerBlock(int width, int heads) : base(nameof(TransformerBlock))
    {
        this.heads = heads;
        this.width = width;
        attentionNorm = LayerNorm(width);
        queryKeyValue = Linear(width, 3 * width);
        projection = Linear(width, width);
        feedForwardNorm = LayerNorm(width);
        expand = Linear(width, FeedForwardFactor * width);
        contract = Linear(FeedForwardFactor * width, width);
        RegisterComponents();
    }

    /// <summary>The prompt's pass: [B, P, D] to [B, P, D] and the keys and values [B, H, P, d] for the answers.</summary>
    public (Tensor Output, KeyValue Shared) Prompt(Tensor x)
    {
        using var scope = NewDisposeScope();
        long b = x.shape[0], p = x.shape[1];
        // [B, P, 3, H, d] -> three of [B, H, P, d]
        Tensor all = queryKeyValue.call(attentionNorm.call(x)).view(b, p, 3, heads, -1).permute(2, 0, 3, 1, 4);
        Tensor q = all.select(0, 0), k = all.select(0, 1).contiguous(), v = all.select(0, 2).contiguous();
        Tensor weights = matmul(Scale(q), k.transpose(-2, -1)).softmax(-1);         // [B, H, P, P]
        Tensor mixed = matmul(weights, v).transpose(1, 2).reshape(b, p, width);     // [B, P, D]
        return (Finish(x, mixed).MoveToOuterDisposeScope(), new KeyValue(k, v).MoveToOuterDisposeScope());
    }

    /// <summary>The answers' pass.</summary>
    /// <param name="y">[B, G, T, D].</param>
    /// <param name="shared">The prompt's keys and values, [B, H, P, d].</param>
    /// <param name="past">The answers' own keys and values so far, [B, H, G, S, d]; null at the start.</param>
    /// <param name="mask">[T, S + T], true where a token must not be seen; null when T is 1.</param>
    public (Tensor Output, KeyValue Own) Answers(Tensor y, KeyValue shared, KeyValue? past, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        long b = y.shape[0], g = y.shape[1], t = y.shape[2], p = shared.Keys.shape[2];
        // [B, G, T, 3, H, d] -> three of [B, H, G, T, d]
        Tensor all = queryKeyValue.call(attentionNorm.call(y)).view(b, g, t, 3, heads, -1).permute(3, 0, 4, 1, 2, 5);
        Tensor q = Scale(all.select(0, 0)).contiguous();
        Tensor k = all.select(0, 1), v = all.select(0, 2);
        if (past is { } before)
        {
            k = cat([before.Keys, k], 3);
            v = cat([before.Values, v], 3);
        }

        // All G answers are one long query against the shared prompt: one large product instead of G small ones.
        Tensor toPrompt = matmul(q.view(b, heads, g * t, -1), shared.Keys.transpose(-2, -1)).view(b, heads, g, t, p);
        Tensor toSelf = matmul(q, k.transpose(-2, -1));                             // [B, H, G, T, S+T]
        if (mask is not null) toSelf = toSelf.masked_fill(mask, float.NegativeInfinity);
        Tensor weights = cat([toPrompt, toSelf], -1).softmax(-1);
        Tensor fromPrompt = matmul(weights.narrow(-1, 0, p).reshape(b, heads, g * t, p), shared.Values).view(b, heads, g, t, -1);
        Tensor fromSelf = matmul(weights.narrow(-1, p, k.shape[3]), v);
        Tensor mixed = (fromPrompt + fromSelf).permute(0, 2, 3, 1, 4).reshape(b, g, t, width);
        return (Finish(y, mixed).MoveToOuterDisposeScope(), new KeyValue(k, v).MoveToOuterDisposeScope());
    }

    private Tensor Scale(Tensor query) => query * (float)(1 / Math.Sqrt(width / heads));

    private Tensor Finish(Tensor x, Tensor mixed)
    {
        x = x + projection.call(mixed);
        return x + contract.call(functional.silu(expand.call(feedForwardNorm.call(x))));
    }
}
