using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tests.OwnModel;

/// <summary>
/// A policy that shares nothing with the compact one: it reads sentences of any words and any length, writes the answers of
/// arXiv 2603.00152 as text, with any number of objects, and is trained by an adapter beside frozen weights, as large models are.
/// The adapter left out is its reference. Of the library it uses what is public.
/// </summary>
internal sealed class TextPolicy : IVisionLanguagePolicy
{
    // Logits of a piece that may follow, above one that may not: a wrong one is drawn now and then.
    private const float Spelled = 6;

    private static readonly Scalar One = 1.ToScalar(), SaidBefore = (-4f).ToScalar();

    private readonly Device _device;
    private readonly Tensor _words, _sight, _spelling, _quarters;
    private readonly TextAdapter _adapter;
    private TextAdapter? _reference;

    /// <summary>Creates a policy with fresh weights; <c>torch.manual_seed</c> fixes them.</summary>
    public TextPolicy(TextModelShape shape, Device device)
    {
        shape.Validate();
        (Shape, _device) = (shape, device);
        _words = randn(Sentences.Buckets, shape.Width, device: device);
        _sight = randn(shape.Width, TextPromptBatch.Features, device: device).mul_(0.1f);
        _spelling = Table(AnswerPieces.Start + 1, (before, piece) => AnswerPieces.MayFollow(before, piece) ? Spelled : 0);
        _quarters = Table(AnswerPieces.Quarters, (quarter, piece) => AnswerPieces.Quarter(piece) == quarter ? 1 : 0);
        _adapter = TextAdapter.Create(shape, device);
    }

    public TextModelShape Shape { get; }

    public int LongestAnswer => 10;

    /// <summary>The weights of a file: those that are frozen, and the adapter's.</summary>
    public Dictionary<string, Tensor> Weights()
    {
        var weights = new Dictionary<string, Tensor> { ["base.words"] = _words, ["base.sight"] = _sight, ["base.spelling"] = _spelling };
        foreach ((string name, Tensor trained) in _adapter.Tensors()) weights.Add($"adapter.{name}", trained);
        return weights;
    }

    public IEnumerable<Parameter> Parameters() => [_adapter.Down, _adapter.Up, _adapter.Spelling];

    public string? CheckQuery(string query) => Sentences.Words(query).Length == 0 ? $"There is no word in '{query}'." : null;

    public PromptBatch Prepare(IReadOnlyList<PolicyPrompt> prompts)
    {
        using var scope = NewDisposeScope();
        return new TextPromptBatch(prompts, _device);
    }

    public GeneratedAnswer[][] Generate(PromptBatch prompts, int answersPerPrompt, AnswerSampling sampling)
    {
        var own = (TextPromptBatch)prompts;
        using var scope = NewDisposeScope();
        using IDisposable withoutGradient = no_grad();
        float[] spelling = [.. SpellingWith(_adapter).cpu().data<float>()];
        return [.. prompts.Prompts.Select((prompt, i) =>
        {
            float[] quarters = [.. SeenWith(_adapter, own, i).cpu().data<float>()];
            return Enumerable.Range(0, answersPerPrompt).Select(place => Write(prompt, place, sampling, spelling, quarters)).ToArray();
        })];
    }

    /// <remarks>Prompt by prompt, with a gradient too: the graph of one prompt is all that is ever held.</remarks>
    public ScoredTokens Score(PromptBatch prompts, Tensor tokens, Tensor mask, ScoreOptions options)
    {
        TextAdapter? adapter = options.Reference ? _reference : _adapter;
        bool gradient = options.Gradient && !options.Reference;
        TextScores.Figures ForPrompt(int prompt) => ScoreOne(adapter, (TextPromptBatch)prompts, prompt, tokens.select(0, prompt), mask.select(0, prompt), options.Entropy);
        return TextScores.Of(ForPrompt, (int)tokens.shape[0], gradient, gradient && options.Entropy == EntropyUse.Loss);
    }

    public void FreezeReference()
    {
        _reference?.Dispose();
        _reference = _adapter.IsNothing ? null : TextAdapter.CopyOf(_adapter.Tensors(), _device);
    }

    public IReadOnlyDictionary<string, Tensor> ReferenceTensors() => _reference?.Tensors() ?? [];

    public void RestoreReference(IReadOnlyDictionary<string, Tensor> tensors)
    {
        _reference?.Dispose();
        _reference = tensors.Count == 0 ? null : TextAdapter.CopyOf(tensors, _device);
    }

    public void Dispose()
    {
        foreach (Tensor own in new[] { _words, _sight, _spelling, _quarters }) own.Dispose();
        _adapter.Dispose();
        _reference?.Dispose();
    }

    // [before, piece].
    private Tensor SpellingWith(TextAdapter? adapter) => adapter is null ? _spelling : _spelling.add(adapter.Spelling, One);

    // How well each quarter of a prompt goes with its sentence, [quarters].
    private Tensor SeenWith(TextAdapter? adapter, TextPromptBatch prompts, int prompt)
    {
        Tensor sentence = _words.index_select(0, prompts.Words(prompt)).mean([0], keepdim: true);
        Tensor sight = adapter is null ? _sight : _sight.add(adapter.Down.matmul(adapter.Up), One);
        return prompts.Colours(prompt).matmul(sentence.matmul(sight).squeeze(0));
    }

    // Log-probabilities and entropies of the answers to one prompt, [G, T].
    private TextScores.Figures ScoreOne(TextAdapter? adapter, TextPromptBatch prompts, int prompt, Tensor tokens, Tensor mask, EntropyUse entropy)
    {
        long answers = tokens.shape[0], length = tokens.shape[1];
        Tensor before = cat([tensor([.. Enumerable.Repeat((long)AnswerPieces.Start, (int)answers)], [answers, 1]).to(_device), tokens.narrow(1, 0, length - 1)], 1);
        Tensor named = nn.functional.one_hot(tokens, AnswerPieces.Count).to(float32).matmul(_quarters.t());
        Tensor said = named.cumsum(1).sub(named);
        Tensor quarters = said.mul(SaidBefore).add(SeenWith(adapter, prompts, prompt), One);
        Tensor distribution = SpellingWith(adapter).index_select(0, before.reshape(-1)).reshape(answers, length, AnswerPieces.Count).add(quarters.matmul(_quarters), One).log_softmax(-1);
        return new(
            distribution.gather(-1, tokens.unsqueeze(-1)).squeeze(-1).mul(mask),
            entropy == EntropyUse.None ? null : distribution.exp().mul(distribution).sum(-1).neg().mul(mask));
    }

    private GeneratedAnswer Write(PolicyPrompt prompt, int place, AnswerSampling sampling, float[] spelling, float[] quarters)
    {
        Random? random = sampling.FirstGreedy && place == 0 ? null : Draws(sampling.Seed, prompt, place);
        List<int> pieces = [];
        List<float> logProbabilities = [];
        var logits = new double[AnswerPieces.Count];
        while (pieces.Count < LongestAnswer && (pieces.Count == 0 || pieces[^1] != AnswerPieces.End))
        {
            int before = pieces.Count == 0 ? AnswerPieces.Start : pieces[^1];
            for (int piece = 0; piece < logits.Length; piece++)
            {
                logits[piece] = spelling[before * AnswerPieces.Count + piece];
                if (AnswerPieces.Quarter(piece) is { } quarter)
                    logits[piece] += quarters[quarter] - 4 * pieces.Count(said => AnswerPieces.Quarter(said) == quarter);
            }
            double largest = logits.Max();
            int next = random is null ? Array.IndexOf(logits, largest) : Draw(random, [.. logits.Select(logit => Math.Exp((logit - largest) / sampling.Temperature))]);
            pieces.Add(next);
            logProbabilities.Add((float)(logits[next] - largest - Math.Log(logits.Sum(logit => Math.Exp(logit - largest)))));
        }
        string text = AnswerPieces.Text(pieces);
        return new GeneratedAnswer([.. pieces], [.. logProbabilities], pieces[^1] == AnswerPieces.End, Read(text, prompt.View)) { Text = text };
    }

    private static int Draw(Random random, double[] weights)
    {
        double target = random.NextDouble() * weights.Sum();
        int piece = 0;
        while (piece < weights.Length - 1 && (target -= weights[piece]) >= 0) piece++;
        return piece;
    }

    // An answer depends on the run's seed, the prompt's id and look, and its place: on nothing that stands beside it in a batch.
    private static Random Draws(ulong seed, PolicyPrompt prompt, int place)
    {
        ulong mixed = seed;
        foreach (ulong part in new[] { (ulong)prompt.Id, (ulong)prompt.Look, (ulong)place })
        {
            mixed = unchecked((mixed ^ part) * 0x9E3779B97F4A7C15UL);
            mixed ^= mixed >> 29;
        }
        return new Random(unchecked((int)(mixed >> 32)));
    }

    // From the frame that the text speaks of to pixels of the image.
    private static ParsedAnswer Read(string text, ImageView view)
    {
        ParsedAnswer parsed = AnswerParser.Parse(text, AnswerPieces.FrameSide, AnswerPieces.FrameSide);
        if (parsed is not TextAnswer answer) return parsed;
        BoundingBox region = view.Region;
        PixelPoint Place(float x, float y) => new(region.X0 + x / AnswerPieces.FrameSide * region.Width, region.Y0 + y / AnswerPieces.FrameSide * region.Height);
        SegmentedObject[] objects = [.. answer.Objects.Select(one =>
        {
            (PixelPoint near, PixelPoint far) = (Place(one.Box.X0, one.Box.Y0), Place(one.Box.X1, one.Box.Y1));
            return new SegmentedObject(new BoundingBox(near.X, near.Y, far.X, far.Y).Clamp(view.Image.Width, view.Image.Height), Place(one.Point.X, one.Point.Y));
        })];
        return Array.Exists(objects, one => one.Box.IsEmpty)
            ? new FailedAnswer(FailedAnswerReason.BoxOutsideImage, "A quarter of the view shows nothing of the image.")
            : answer with { Objects = objects };
    }

    private Tensor Table(int rows, Func<int, int, float> value) => tensor(
        [.. Enumerable.Range(0, rows).SelectMany(row => Enumerable.Range(0, AnswerPieces.Count).Select(piece => value(row, piece)))], [rows, AnswerPieces.Count]).to(_device);
}
