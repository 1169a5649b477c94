using Microsoft.ML.DrSeg.Compact;
using TorchSharp.Modules;
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
    private readonly long generated;
    private readonly VisionTower vision;
    private readonly Embedding queryEmbedding;
    private readonly QueryModulation modulation;
    private readonly Parameter promptPositions;
    private readonly Embedding answerEmbedding;
    private readonly Parameter answerPositions;
    private readonly ModuleList<PeerBlock> blocks;
    private readonly LayerNorm finalNorm;
    private readonly Linear head;

    public PeerNetwork(CompactPolicy policy) : base(nameof(PeerNetwork))
    {
        CompactPolicyShape shape = policy.Shape;
        generated = policy.Grammar.Start;
        int patches = shape.ViewSize / VisionTower.Stride;
        vision = new VisionTower(channels: 4, shape.Width, CPU);
        queryEmbedding = Embedding(shape.QueryTokens, shape.Width);
        modulation = new QueryModulation(shape.Width, CPU);
        promptPositions = new Parameter(zeros(patches * patches + QueryVocabulary.QueryLength, shape.Width));
        answerEmbedding = Embedding(policy.Grammar.VocabularySize, shape.Width);
        answerPositions = new Parameter(zeros(policy.LongestAnswer, shape.Width));
        blocks = new ModuleList<PeerBlock>([.. Enumerable.Range(0, shape.Layers).Select(_ => new PeerBlock(shape.Width, shape.Heads))]);
        finalNorm = LayerNorm(shape.Width);
        head = Linear(shape.Width, policy.Grammar.VocabularySize);
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
        foreach (PeerBlock block in blocks)
            (x, _) = block.Read(x, past: null, mask);
        return Scores(x.narrow(1, p, t)).MoveToOuterDisposeScope();
    }

    /// <summary>Every block's keys and values of the prompts.</summary>
    public (Tensor Keys, Tensor Values)[] ReadPrompt(Tensor images, Tensor queries)
    {
        using var scope = NewDisposeScope();
        Tensor x = Prompt(images, queries);
        var cache = new (Tensor Keys, Tensor Values)[blocks.Count];
        for (int i = 0; i < cache.Length; i++)
            (x, cache[i]) = blocks[i].Read(x, past: null, mask: null);
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
            (x, longer[i]) = blocks[i].Read(x, cache[i], mask);
        return (Scores(x).MoveToOuterDisposeScope(), Kept(longer));
    }

    private static (Tensor Keys, Tensor Values)[] Kept((Tensor Keys, Tensor Values)[] cache) =>
        Array.ConvertAll(cache, block => (block.Keys.MoveToOuterDisposeScope(), block.Values.MoveToOuterDisposeScope()));

    private Tensor Prompt(Tensor images, Tensor queries)
    {
        Tensor words = queryEmbedding.call(queries);
        return cat([modulation.call(vision.call(images), words), words], 1) + promptPositions;
    }

    private Tensor Answer(Tensor tokens, long at) => answerEmbedding.call(tokens) + answerPositions.narrow(0, at, tokens.shape[1]);

    private Tensor Scores(Tensor x) => head.call(finalNorm.call(x)).narrow(-1, 0, generated);
}

/// <summary>A pre-norm transformer block over [N, T, D] with a cache of keys and values, [N, H, S, D/H].</summary>
internal sealed class PeerBlock : Module
{
    private readonly int width, heads;
    private readonly LayerNorm attentionNorm;
    private readonly Linear queryKeyValue;
    private readonly Linear projection;
    private readonly LayerNorm feedForwardNorm;
    private readonly Linear expand;
    private readonly Linear contract;

    public PeerBlock(int width, int heads) : base(nameof(PeerBlock))
    {
        (this.width, this.heads) = (width, heads);
        attentionNorm = LayerNorm(width);
        queryKeyValue = Linear(width, 3 * width);
        projection = Linear(width, width);
        feedForwardNorm = LayerNorm(width);
        expand = Linear(width, 4 * width);
        contract = Linear(4 * width, width);
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
        Tensor[] parts = queryKeyValue.call(attentionNorm.call(x)).view(n, t, 3, heads, -1).permute(2, 0, 3, 1, 4).unbind(0);
        (Tensor q, Tensor k, Tensor v) = (parts[0], parts[1], parts[2]);
        if (past is { } before)
            (k, v) = (cat([before.Keys, k], 2), cat([before.Values, v], 2));
        Tensor mixed = functional.scaled_dot_product_attention(q, k, v, mask).transpose(1, 2).reshape(n, t, width);
        x = x + projection.call(mixed);
        x = x + contract.call(functional.silu(expand.call(feedForwardNorm.call(x))));
        return (x.MoveToOuterDisposeScope(), (k.MoveToOuterDisposeScope(), v.MoveToOuterDisposeScope()));
    }
}
