using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Compact;

/// <summary>
/// The compact visual language model that the library ships: about half a million parameters, small enough to train on
/// two processor cores, with the division of labour of the large ones. Image patches and query tokens are read once;
/// answers are generated token by token over the prompt's shared keys and values.
/// </summary>
internal sealed class CompactPolicy : IVisionLanguagePolicy
{
    // How many prompts are read together, and how many answers to each of them are generated together.
    private const int BatchSize = 16, AnswersTogether = 16;

    private readonly PolicyNetwork _network;
    private readonly CompactPolicyShape _shape;
    private readonly Device _device;
    private PolicyNetwork? _reference;

    /// <summary>Creates a policy with fresh weights; <c>torch.manual_seed</c> fixes them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of its range.</exception>
    public CompactPolicy(CompactPolicyShape shape, QueryVocabulary vocabulary, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(shape);
        shape.Validate();
        ArgumentNullException.ThrowIfNull(vocabulary);
        Vocabulary = vocabulary;
        _shape = shape;
        _device = TorchDevice.OrProcessor(device);
        Grammar = new AnswerGrammar(shape.CoordinateBins, shape.MostObjects);
        _network = NewNetwork();
    }

    /// <summary>The sizes it was made with.</summary>
    public CompactPolicyShape Shape => _shape;

    /// <summary>The words it knows.</summary>
    public QueryVocabulary Vocabulary { get; }

    /// <summary>The token language of its answers.</summary>
    public AnswerGrammar Grammar { get; }

    /// <inheritdoc/>
    public int LongestAnswer => Grammar.LongestAnswer;

    /// <summary>The weights' module, for saving and loading.</summary>
    internal PolicyNetwork Network => _network;

    /// <inheritdoc/>
    public IEnumerable<Parameter> Parameters() => _network.parameters();

    /// <inheritdoc/>
    public string? CheckQuery(string query) => Vocabulary.TryEncode(query, out _, out string? problem) ? null : problem;

    /// <inheritdoc/>
    public PromptBatch Prepare(IReadOnlyList<PolicyPrompt> prompts)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        int size = _shape.ViewSize, plane = size * size;
        var pixels = new float[prompts.Count * 4 * plane];
        var queries = new long[prompts.Count * QueryVocabulary.QueryLength];
        Parallel.For(0, prompts.Count, i =>
        {
            ImageView view = prompts[i].View;
            Span<float> target = pixels.AsSpan(i * 4 * plane, 4 * plane);
            CropSampler.Sample(view.Image, view.Region, size, target[..(3 * plane)]);
            if (view.Provisional is { } mask) CropSampler.Sample(mask, view.Region, size, target[(3 * plane)..]);
        });
        Vocabulary.EncodeAll(prompts.Select(prompt => prompt.Query), queries);
        return new CompactPromptBatch(prompts,
            torch.tensor(pixels, [prompts.Count, 4, size, size]).to(_device),
            torch.tensor(queries, [prompts.Count, QueryVocabulary.QueryLength]).to(_device));
    }

    /// <inheritdoc/>
    public ScoredTokens Score(PromptBatch prompts, Tensor tokens, Tensor mask, ScoreOptions options)
    {
        CompactPromptBatch own = Own(prompts);
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(mask);
        using var scope = NewDisposeScope();
        PolicyNetwork asked = !options.Reference ? _network
            : _reference ?? throw new InvalidOperationException($"There is no reference to score under: call {nameof(FreezeReference)} first.");
        using IDisposable? withoutGradient = options.Gradient && !options.Reference ? null : no_grad();
        Tensor distribution = asked.ReadAnswers(BehindStart(tokens), asked.ReadPrompt(own.Images, own.Queries)).log_softmax(-1);
        Tensor logProbabilities = distribution.gather(-1, tokens.unsqueeze(-1)).squeeze(-1) * mask;
        Tensor? entropy = Entropy(distribution, mask, options.Entropy);
        return new ScoredTokens(logProbabilities.MoveToOuterDisposeScope(), entropy?.MoveToOuterDisposeScope());
    }

    private static Tensor? Entropy(Tensor distribution, Tensor mask, EntropyUse use)
    {
        if (use == EntropyUse.None) return null;
        using IDisposable? withoutGradient = use == EntropyUse.Loss ? null : no_grad();
        return -(distribution.exp() * distribution).sum(-1) * mask;
    }

    /// <summary>
    /// Logits [B, G, T, V] with a gradient, and the exercises of the warm-up, as <see cref="PolicyNetwork"/> describes them; V are
    /// the tokens that can be generated.
    /// </summary>
    internal Tensor Logits(PromptBatch prompts, Tensor tokens, out Tensor things, out Tensor grounding)
    {
        CompactPromptBatch own = Own(prompts);
        return _network.ReadAnswers(BehindStart(tokens), _network.ReadPrompt(own.Images, own.Queries, out things, out grounding));
    }

    // Token t is predicted from the tokens before it: shifts them right behind Start.
    private Tensor BehindStart(Tensor tokens)
    {
        using var scope = NewDisposeScope();
        long b = tokens.shape[0], g = tokens.shape[1], t = tokens.shape[2];
        Tensor start = TensorArithmetic.Filled([b, g, 1], Grammar.Start, _device);
        return (t == 1 ? start : cat([start, tokens.narrow(2, 0, t - 1)], 2)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public GeneratedAnswer[][] Generate(PromptBatch prompts, int answersPerPrompt, AnswerSampling sampling)
    {
        CompactPromptBatch own = Own(prompts);
        ArgumentOutOfRangeException.ThrowIfLessThan(answersPerPrompt, 1);
        if (!(sampling.Temperature > 0))
            throw new ArgumentOutOfRangeException(nameof(sampling), sampling.Temperature, "The temperature must be above 0; for the most probable answer use AnswerSampling.Greedy.");

        int[] places = [.. Enumerable.Range(0, prompts.Prompts.Count)];
        return SideBySide.Batches(places, BatchSize, batch => GenerateBatch(own, batch[0], batch.Length, answersPerPrompt, sampling), _device);
    }

    private GeneratedAnswer[][] GenerateBatch(CompactPromptBatch prompts, int from, int count, int answersPerPrompt, AnswerSampling sampling)
    {
        using var scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        AnswerDraft[][] drafts = [.. prompts.Prompts.Skip(from).Take(count).Select(prompt =>
            Enumerable.Range(0, answersPerPrompt).Select(place => new AnswerDraft(Grammar, prompt, place, sampling)).ToArray())];
        IReadOnlyList<KeyValue> shared = _network.ReadPrompt(prompts.Images.narrow(0, from, count), prompts.Queries.narrow(0, from, count));
        for (int first = 0; first < answersPerPrompt; first += AnswersTogether)
            Extend([.. drafts.SelectMany(group => group.Skip(first).Take(AnswersTogether))], Math.Min(AnswersTogether, answersPerPrompt - first), shared);
        return [.. drafts.Select((group, i) => Array.ConvertAll(group, draft => draft.Finish(prompts.Prompts[from + i].View.Region)))];
    }

    // Some answers to each of the prompts, from the first token to the last.
    private void Extend(AnswerDraft[] drafts, int answersPerPrompt, IReadOnlyList<KeyValue> shared)
    {
        using var scope = NewDisposeScope();
        var memory = new AnswerMemory(shared, answersPerPrompt, LongestAnswer);
        int count = drafts.Length / answersPerPrompt;
        while (!Array.TrueForAll(drafts, draft => draft.IsComplete))
        {
            using var stepScope = NewDisposeScope();
            // All answers to a prompt begin alike.
            Tensor input = memory.Step == 0
                ? TensorArithmetic.Filled([count, 1], Grammar.Start, _device)
                : torch.tensor(Array.ConvertAll(drafts, draft => (long)draft.LastToken), [count, answersPerPrompt]).to(_device);
            int sameScores = answersPerPrompt / (int)input.shape[1];
            float[] scores = _network.Continue(input, memory).Floats();
            for (int i = 0; i < drafts.Length; i++)
                drafts[i].Extend(scores.AsSpan(i / sameScores * Grammar.Start, Grammar.Start));
        }
    }

    /// <inheritdoc/>
    public void FreezeReference()
    {
        using var scope = NewDisposeScope();
        if (_reference is null)
        {
            _reference = NewNetwork();
            // It outlives the scopes of whoever freezes.
            foreach (Tensor weights in _reference.state_dict().Values) weights.DetachFromDisposeScope();
        }
        _reference.load_state_dict(_network.state_dict());
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> ReferenceTensors() => _reference?.state_dict() ?? [];

    /// <inheritdoc/>
    public void Dispose()
    {
        _network.Dispose();
        _reference?.Dispose();
    }

    private static CompactPromptBatch Own(PromptBatch prompts)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        return prompts as CompactPromptBatch
            ?? throw new ArgumentException($"A {prompts.GetType().Name} was prepared by another policy; {nameof(CompactPolicy)} reads what its own {nameof(Prepare)} gave.", nameof(prompts));
    }

    private PolicyNetwork NewNetwork()
    {
        var created = new PolicyNetwork(_shape, Grammar, TorchDevice.OfFreshWeights(_device));
        created.to(_device);
        return created;
    }
}

/// <summary>Sizes of a <see cref="CompactPolicy"/>.</summary>
/// <param name="QueryTokens">Size of the query vocabulary, padding included.</param>
/// <param name="Nouns">Nouns it learns to tell apart in the warm-up.</param>
/// <param name="ViewSize">Side of the square view in pixels, a multiple of 8 up to 1,024.</param>
/// <param name="Width">Width of the transformer, a multiple of 32 up to 65,536.</param>
/// <param name="Heads">Attention heads; divides <paramref name="Width"/>.</param>
/// <param name="Layers">Transformer blocks, 0 to 1,024.</param>
/// <param name="CoordinateBins">Coordinate tokens along each axis of the view.</param>
/// <param name="MostObjects">Objects of the longest answer, 1 to 120. With 1 every answer has exactly one object, with more an answer may have none.</param>
internal sealed record CompactPolicyShape(
    int QueryTokens, int Nouns, int ViewSize = 64, int Width = 96, int Heads = 3, int Layers = 4, int CoordinateBins = 64, int MostObjects = 1)
{
    // A block takes memory even without weights.
    private const int MostLayers = 1024;

    // As many as are read of a text (AnswerLimits).
    private const int LargestMostObjects = 120;

    internal void Validate()
    {
        OptionChecks.RequireSide($"Policy.{nameof(ViewSize)}", ViewSize);
        OptionChecks.RequireWidth($"Policy.{nameof(Width)}", Width, 32);
        OptionChecks.Require(Heads > 0 && Width % Heads == 0, $"Policy.{nameof(Heads)}", Heads, $"a divisor of the width, {Width}");
        OptionChecks.Require(Layers is >= 0 and <= MostLayers, $"Policy.{nameof(Layers)}", Layers, "0 to 1,024");
        OptionChecks.Require(MostObjects is >= 1 and <= LargestMostObjects, $"Policy.{nameof(MostObjects)}", MostObjects, "1 to 120");
    }
}
