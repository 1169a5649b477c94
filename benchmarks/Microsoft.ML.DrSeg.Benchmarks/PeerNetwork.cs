using Microsoft.ML.DrSeg.Compact;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>
/// The compact policy's network as trainers of language models write theirs: prompt and answer are one sequence, and attention
/// is libtorch's own. It has the library's vision tower and layers and takes its weights, whose keys are the names of the fields.
/// Letters: N sequences, P prompt tokens, S tokens read before, T tokens, D width, H heads, V tokens that can be generated.
/// </summary>
internal sealed class PeerNetwork : Module
{
    private readonly long _generated;
    [ComponentName(Name = "vision")] private readonly VisionTower _vision;
    [ComponentName(Name = "queryEmbedding")] private readonly Embedding _queryEmbedding;
    [ComponentName(Name = "modulation")] private readonly QueryModulation _modulation;
    [ComponentName(Name = "promptPositions")] private readonly Parameter _promptPositions;
    [ComponentName(Name = "answerEmbedding")] private readonly Embedding _answerEmbedding;
    [ComponentName(Name = "answerPositions")] private readonly Parameter _answerPositions;
    [ComponentName(Name = "blocks")] private readonly ModuleList<PeerBlock> _blocks;
    [ComponentName(Name = "finalNorm")] private readonly LayerNorm _finalNorm;
    [ComponentName(Name = "head")] private readonly Linear _head;

    public PeerNetwork(CompactPolicy policy) : base(nameof(PeerNetwork))
    {
        CompactPolicyShape shape = policy.Shape;
        _generated = policy.Grammar.Start;
        int patches = shape.ViewSize / VisionTower.Stride;
        _vision = new VisionTower(channels: 4, shape.Width, CPU);
        _queryEmbedding = Embedding(shape.QueryTokens, shape.Width);
        _modulation = new QueryModulation(shape.Width, CPU);
        _promptPositions = new Parameter(zeros(patches * patches + QueryVocabulary.QueryLength, shape.Width));
        _answerEmbedding = Embedding(policy.Grammar.VocabularySize, shape.Width);
        _answerPositions = new Parameter(zeros(policy.LongestAnswer, shape.Width));
        _blocks = new ModuleList<PeerBlock>([.. Enumerable.Range(0, shape.Layers).Select(_ => new PeerBlock(shape.Width, shape.Heads))]);
        _finalNorm = LayerNorm(shape.Width);
        _head = Linear(shape.Width, policy.Grammar.VocabularySize);
        RegisterComponents();
        // Not strict: the exercises of the library's warm-up have weights that no answer needs.
        load_state_dict(policy.Network.state_dict(), strict: false);
    }

    /// <summary>Logits [N, T, V] of the tokens that follow each of the given [N, T], nothing kept and nothing reused.</summary>
    public Tensor Whole(Tensor images, Tensor queries, Tensor tokens)
    {
        using var scope = NewDisposeScope();
        long t = tokens.shape[1];
        Tensor prompt = Prompt(images, queries);
        long p = prompt.shape[1];
        // The prompt is seen by all, an answer's token by those after it.
        Tensor mask = ones(p + t, p + t, ScalarType.Bool).tril(0);
        mask.narrow(1, 0, p).fill_(true);
        Tensor x = cat([prompt, Answer(tokens, 0)], 1);
        foreach (PeerBlock block in _blocks)
            (x, _) = block.Read(x, past: null, mask);
        return Scores(x.narrow(1, p, t)).MoveToOuterDisposeScope();
    }

    /// <summary>Every block's keys and values of the prompts.</summary>
    public (Tensor Keys, Tensor Values)[] ReadPrompt(Tensor images, Tensor queries)
    {
        using var scope = NewDisposeScope();
        Tensor x = Prompt(images, queries);
        var cache = new (Tensor Keys, Tensor Values)[_blocks.Count];
        for (int i = 0; i < cache.Length; i++)
            (x, cache[i]) = _blocks[i].Read(x, past: null, mask: null);
        return Kept(cache);
    }

    /// <summary>Logits [N, T, V] as <see cref="Whole"/> gives them, and the cache with the given tokens added.</summary>
    /// <param name="tokens">[N, T].</param>
    /// <param name="cache">Keys and values of all before.</param>
    /// <param name="at">Which token of the answer the first is.</param>
    public (Tensor Logits, (Tensor Keys, Tensor Values)[] Cache) Extend(Tensor tokens, (Tensor Keys, Tensor Values)[] cache, long at)
    {
        using var scope = NewDisposeScope();
        long t = tokens.shape[1], s = cache[0].Keys.shape[2];
        Tensor? mask = t == 1 ? null : ones(t, s + t, ScalarType.Bool).tril(s);
        Tensor x = Answer(tokens, at);
        var longer = new (Tensor Keys, Tensor Values)[cache.Length];
        for (int i = 0; i < longer.Length; i++)
            (x, longer[i]) = _blocks[i].Read(x, cache[i], mask);
        return (Scores(x).MoveToOuterDisposeScope(), Kept(longer));
    }

    private static (Tensor Keys, Tensor Values)[] Kept((Tensor Keys, Tensor Values)[] cache) =>
        Array.ConvertAll(cache, block => (block.Keys.MoveToOuterDisposeScope(), block.Values.MoveToOuterDisposeScope()));

    private Tensor Prompt(Tensor images, Tensor queries)
    {
        Tensor words = _queryEmbedding.call(queries);
        return cat([_modulation.call(_vision.call(images), words), words], 1) + _promptPositions;
    }

    private Tensor Answer(Tensor tokens, long at) => _answerEmbedding.call(tokens) + _answerPositions.narrow(0, at, tokens.shape[1]);

    private Tensor Scores(Tensor x) => _head.call(_finalNorm.call(x)).narrow(-1, 0, _generated);
}

/// <summary>A pre-norm transformer block over [N, T, D] with a cache of keys and values, [N, H, S, D/H].</summary>
internal sealed class PeerBlock : Module
{
    private readonly int _width, _heads;
    [ComponentName(Name = "attentionNorm")] private readonly LayerNorm _attentionNorm;
    [ComponentName(Name = "queryKeyValue")] private readonly Linear _queryKeyValue;
    [ComponentName(Name = "projection")] private readonly Linear _projection;
    [ComponentName(Name = "feedForwardNorm")] private readonly LayerNorm _feedForwardNorm;
    [ComponentName(Name = "expand")] private readonly Linear _expand;
    [ComponentName(Name = "contract")] private readonly Linear _contract;

    public PeerBlock(int width, int heads) : base(nameof(PeerBlock))
    {
        (_width, _heads) = (width, heads);
        _attentionNorm = LayerNorm(width);
        _queryKeyValue = Linear(width, 3 * width);
        _projection = Linear(width, width);
        _feedForwardNorm = LayerNorm(width);
        _expand = Linear(width, 4 * width);
        _contract = Linear(4 * width, width);
        RegisterComponents();
    }

    /// <summary>Reads tokens after those of the past.</summary>
    /// <param name="x">[N, T, D].</param>
    /// <param name="past">Keys and values of the tokens before; null for none.</param>
    /// <param name="mask">[T, S + T], true where a token is seen; null where all are.</param>
    public (Tensor Output, (Tensor Keys, Tensor Values) Cache) Read(Tensor x, (Tensor Keys, Tensor Values)? past, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        long n = x.shape[0], t = x.shape[1];
        Tensor[] parts = _queryKeyValue.call(_attentionNorm.call(x)).view(n, t, 3, _heads, -1).permute(2, 0, 3, 1, 4).unbind(0);
        (Tensor q, Tensor k, Tensor v) = (parts[0], parts[1], parts[2]);
        if (past is { } before)
            (k, v) = (cat([before.Keys, k], 2), cat([before.Values, v], 2));
        Tensor mixed = functional.scaled_dot_product_attention(q, k, v, mask).transpose(1, 2).reshape(n, t, _width);
        x = x + _projection.call(mixed);
        x = x + _contract.call(functional.silu(_expand.call(_feedForwardNorm.call(x))));
        return (x.MoveToOuterDisposeScope(), (k.MoveToOuterDisposeScope(), v.MoveToOuterDisposeScope()));
    }
}
