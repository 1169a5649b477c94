using Microsoft.ML.DrSeg.Models;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Compact;

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

    private readonly int _heads;
    private readonly int _width;
    [ComponentName(Name = "attentionNorm")] private readonly LayerNorm _attentionNorm;
    [ComponentName(Name = "queryKeyValue")] private readonly Linear _queryKeyValue;
    [ComponentName(Name = "projection")] private readonly Linear _projection;
    [ComponentName(Name = "feedForwardNorm")] private readonly LayerNorm _feedForwardNorm;
    [ComponentName(Name = "expand")] private readonly Linear _expand;
    [ComponentName(Name = "contract")] private readonly Linear _contract;

    public TransformerBlock(int width, int heads, Device device) : base(nameof(TransformerBlock))
    {
        _heads = heads;
        _width = width;
        _attentionNorm = LayerNorm(width, device: device);
        _queryKeyValue = Linear(width, 3 * width, device: device);
        _projection = Linear(width, width, device: device);
        _feedForwardNorm = LayerNorm(width, device: device);
        _expand = Linear(width, FeedForwardFactor * width, device: device);
        _contract = Linear(FeedForwardFactor * width, width, device: device);
        RegisterComponents();
    }

    /// <summary>The prompt's pass: [B, P, D] to [B, P, D] and the keys and values [B, H, P, d] for the answers.</summary>
    public (Tensor Output, KeyValue Shared) Prompt(Tensor x)
    {
        using var scope = NewDisposeScope();
        Tensor all = Heads(x);
        KeyValue shared = Shared(all);
        Tensor mixed = Joined(functional.scaled_dot_product_attention(all.select(0, 0), shared.Keys, shared.Values));
        return (Finish(x, mixed).MoveToOuterDisposeScope(), shared.MoveToOuterDisposeScope());
    }

    /// <summary>The keys and values of <see cref="Prompt"/> alone, all that answers need of the last block.</summary>
    public KeyValue Remember(Tensor x)
    {
        using var scope = NewDisposeScope();
        return Shared(Heads(x)).MoveToOuterDisposeScope();
    }

    /// <summary>The pass of whole answers, with a gradient.</summary>
    /// <param name="y">[B, G, T, D].</param>
    /// <param name="shared">The prompt's keys and values, [B, H, P, d].</param>
    /// <param name="mask">[T, T], true where a token must not be seen.</param>
    public Tensor Answers(Tensor y, KeyValue shared, Tensor mask)
    {
        using var scope = NewDisposeScope();
        long b = y.shape[0], g = y.shape[1], t = y.shape[2], p = shared.Keys.shape[2];
        // [B, G, T, 3, H, d] -> three of [B, H, G, T, d]
        Tensor all = _queryKeyValue.call(_attentionNorm.call(y)).view(b, g, t, 3, _heads, -1).permute(3, 0, 4, 1, 2, 5);
        Tensor q = (all.select(0, 0).Times(1 / Math.Sqrt(_width / _heads))).contiguous();

        // All G answers are one long query against the shared prompt: one large product instead of G small ones.
        Tensor toPrompt = matmul(q.view(b, _heads, g * t, -1), shared.Keys.transpose(-2, -1)).view(b, _heads, g, t, p);
        Tensor toSelf = matmul(q, all.select(0, 1).transpose(-2, -1)).Without(mask);     // [B, H, G, T, T]
        Tensor weights = cat([toPrompt, toSelf], -1).softmax(-1);
        Tensor fromPrompt = matmul(weights.narrow(-1, 0, p).reshape(b, _heads, g * t, p), shared.Values).view(b, _heads, g, t, -1);
        Tensor fromSelf = matmul(weights.narrow(-1, p, t), all.select(0, 2));
        Tensor mixed = fromPrompt.Plus(fromSelf).permute(0, 2, 3, 1, 4).reshape(b, g, t, _width);
        return Finish(y, mixed).MoveToOuterDisposeScope();
    }

    /// <summary>The pass of one more token of every answer, which generation takes instead of that of whole answers.</summary>
    /// <param name="y">[B, G, D]; G is 1 for the start marker.</param>
    /// <param name="memory">What came before; takes in the new tokens.</param>
    /// <param name="block">Which block of the memory this is.</param>
    public Tensor Continue(Tensor y, AnswerMemory memory, int block)
    {
        using var scope = NewDisposeScope();
        Tensor all = Heads(y);
        (KeyValue seen, Tensor? mask) = memory.Add(block, all.select(0, 1), all.select(0, 2));
        Tensor mixed = Joined(functional.scaled_dot_product_attention(all.select(0, 0), seen.Keys, seen.Values, mask));
        return Finish(y, mixed).MoveToOuterDisposeScope();
    }

    // [B, N, D] to queries, keys and values: three of [B, H, N, d].
    private Tensor Heads(Tensor x) =>
        _queryKeyValue.call(_attentionNorm.call(x)).view(x.shape[0], x.shape[1], 3, _heads, -1).permute(2, 0, 3, 1, 4);

    // Every answer reads them: each head's beside each other.
    private static KeyValue Shared(Tensor all) => new(all.select(0, 1).contiguous(), all.select(0, 2).contiguous());

    // [B, H, N, d] to [B, N, D].
    private Tensor Joined(Tensor mixed) => mixed.transpose(1, 2).reshape(mixed.shape[0], mixed.shape[2], _width);

    private Tensor Finish(Tensor x, Tensor mixed)
    {
        x = x.Plus(_projection.call(mixed));
        return x.Plus(_contract.call(functional.silu(_expand.call(_feedForwardNorm.call(x)))));
    }
}
