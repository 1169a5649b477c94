using Microsoft.ML.DrSeg.Models;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Compact;

/// <summary>
/// The compact policy's weights: vision tower and query embedding form the prompt, transformer blocks read prompt
/// and answers with the same weights, and a linear head scores the next token.
/// Letters as in <see cref="TransformerBlock"/>; V is the number of tokens that can be generated.
/// </summary>
internal sealed class PolicyNetwork : nn.Module
{
    // Everything that enters the residual stream starts at one scale: a position much fainter than the token it is
    // added to would be lost in the first normalisation, and with it where things are.
    private const double EmbeddingSpread = 0.5;

    private readonly long _generated;
    [ComponentName(Name = "vision")] private readonly VisionTower _vision;
    [ComponentName(Name = "queryEmbedding")] private readonly Embedding _queryEmbedding;
    [ComponentName(Name = "modulation")] private readonly QueryModulation _modulation;
    [ComponentName(Name = "promptPositions")] private readonly Parameter _promptPositions;
    [ComponentName(Name = "answerEmbedding")] private readonly Embedding _answerEmbedding;
    [ComponentName(Name = "answerPositions")] private readonly Parameter _answerPositions;
    [ComponentName(Name = "blocks")] private readonly ModuleList<TransformerBlock> _blocks;
    [ComponentName(Name = "finalNorm")] private readonly LayerNorm _finalNorm;
    [ComponentName(Name = "head")] private readonly Linear _head;
    [ComponentName(Name = "grounding")] private readonly Linear _grounding;
    [ComponentName(Name = "semantics")] private readonly Linear _semantics;

    // The device of every network and layer is where it makes its weights (TorchDevice.OfFreshWeights).
    public PolicyNetwork(CompactPolicyShape shape, AnswerGrammar grammar, Device device) : base(nameof(PolicyNetwork))
    {
        _generated = grammar.Start;
        int patches = shape.ViewSize / VisionTower.Stride;
        _vision = new VisionTower(channels: 4, shape.Width, device);
        _queryEmbedding = TokenEmbedding.Create(shape.QueryTokens, shape.Width, device);
        _modulation = new QueryModulation(shape.Width, device);
        _promptPositions = new Parameter(randn(patches * patches + QueryVocabulary.QueryLength, shape.Width, device: device) * EmbeddingSpread);
        _answerEmbedding = TokenEmbedding.Create(grammar.VocabularySize, shape.Width, device);
        _answerPositions = new Parameter(randn(grammar.LongestAnswer, shape.Width, device: device) * EmbeddingSpread);
        _blocks = new ModuleList<TransformerBlock>([.. Enumerable.Range(0, shape.Layers).Select(_ => new TransformerBlock(shape.Width, shape.Heads, device))]);
        _finalNorm = LayerNorm(shape.Width, device: device);
        _head = Linear(shape.Width, grammar.VocabularySize, device: device);
        _grounding = Linear(shape.Width, 1, device: device);
        _semantics = Linear(shape.Width, shape.Nouns + 1L, device: device);
        init.normal_(_queryEmbedding.weight!, 0, EmbeddingSpread);
        init.normal_(_answerEmbedding.weight!, 0, EmbeddingSpread);
        RegisterComponents();
    }

    /// <summary>Reads [B, 4, S, S] images and [B, K] query tokens; returns each block's shared keys and values, [B, H, P, d].</summary>
    public IReadOnlyList<KeyValue> ReadPrompt(Tensor images, Tensor queries)
    {
        Tensor x = Prompt(_vision.call(images), _queryEmbedding.call(queries));
        var shared = new KeyValue[_blocks.Count];
        for (int i = 0; i < shared.Length - 1; i++)
            (x, shared[i]) = _blocks[i].Prompt(x);
        if (shared.Length > 0)
            shared[^1] = _blocks[^1].Remember(x);
        return shared;
    }

    /// <summary>
    /// The same with two exercises of the warm-up: maps of targets teach seeing far sooner than the few coordinates of an
    /// answer do.
    /// </summary>
    /// <param name="images">[B, 4, S, S].</param>
    /// <param name="queries">[B, K] of Int64.</param>
    /// <param name="things">What each patch shows, whatever is asked: logits of background and every noun, [B, patches, 1 + nouns].</param>
    /// <param name="grounding">Whether each patch shows what is asked for: logits [B, patches].</param>
    public IReadOnlyList<KeyValue> ReadPrompt(Tensor images, Tensor queries, out Tensor things, out Tensor grounding)
    {
        Tensor words = _queryEmbedding.call(queries), patches = _vision.call(images);
        things = _semantics.call(functional.silu(patches));
        Tensor x = Prompt(patches, words);
        var shared = new KeyValue[_blocks.Count];
        for (int i = 0; i < shared.Length; i++)
            (x, shared[i]) = _blocks[i].Prompt(x);
        grounding = _grounding.call(_finalNorm.call(x.narrow(1, 0, patches.shape[1]))).squeeze(-1);
        return shared;
    }

    /// <summary>What sees and what tells it the query, for a network that is to begin with the same eyes.</summary>
    public IEnumerable<(string Name, nn.Module Module)> Eyes =>
        [("vision", _vision), ("queryEmbedding", _queryEmbedding), ("modulation", _modulation)];

    /// <summary>
    /// Reads [B, G, T] answer tokens; returns logits [B, G, T, V]. The start marker, the vocabulary's last token, is only ever read.
    /// </summary>
    public Tensor ReadAnswers(Tensor tokens, IReadOnlyList<KeyValue> shared)
    {
        long t = tokens.shape[2];
        Tensor mask = ones([t, t], ScalarType.Bool, tokens.device).triu(1);
        Tensor y = _answerEmbedding.call(tokens).Plus(_answerPositions.narrow(0, 0, t));
        for (int i = 0; i < _blocks.Count; i++)
            y = _blocks[i].Answers(y, shared[i], mask);
        return Scores(y);
    }

    /// <summary>Reads one more token of every answer, [B, G], or the start marker of all, [B, 1]; returns logits of the same shape and V.</summary>
    public Tensor Continue(Tensor tokens, AnswerMemory memory)
    {
        Tensor y = _answerEmbedding.call(tokens).Plus(_answerPositions.narrow(0, memory.Step, 1));
        for (int i = 0; i < _blocks.Count; i++)
            y = _blocks[i].Continue(y, memory, i);
        memory.Advance();
        return Scores(y);
    }

    private Tensor Prompt(Tensor patches, Tensor words) => cat([_modulation.call(patches, words), words], 1).Plus(_promptPositions);

    private Tensor Scores(Tensor y) => _head.call(_finalNorm.call(y)).narrow(-1, 0, _generated);
}
