using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tests;

/// <summary>
/// The smallest policy that can learn: a table of scores, a row for each place of an answer. It looks at no image and reads no
/// query, and begins with scores that spell answers out: only coordinates are open.
/// </summary>
internal sealed class TablePolicy : IVisionLanguagePolicy
{
    private const float Certain = 30f;
    private readonly Parameter _table;

    private Tensor? _reference;

    public TablePolicy(int bins = 4)
    {
        Grammar = new AnswerGrammar(bins);
        _table = new Parameter(tensor(Spelling(Grammar), [Grammar.LongestAnswer, Grammar.Start]));
    }

    public AnswerGrammar Grammar { get; }

    public int LongestAnswer => Grammar.LongestAnswer;

    public bool IsDisposed { get; private set; }

    public IEnumerable<Parameter> Parameters() => [_table];

    public string? CheckQuery(string query) => query.Length == 0 ? "The query is empty." : null;

    public PromptBatch Prepare(IReadOnlyList<PolicyPrompt> prompts) => new Batch(prompts);

    public GeneratedAnswer[][] Generate(PromptBatch prompts, int answersPerPrompt, AnswerSampling sampling)
    {
        float[] scores = _table.detach().data<float>().ToArray();
        return [.. prompts.Prompts.Select(prompt => Enumerable.Range(0, answersPerPrompt).Select(place =>
        {
            var draft = new AnswerDraft(Grammar, prompt, place, sampling);
            for (int at = 0; !draft.IsComplete; at++)
                draft.Extend(scores.AsSpan(at * Grammar.Start, Grammar.Start));
            return draft.Finish(prompt.View.Region);
        }).ToArray())];
    }

    public ScoredTokens Score(PromptBatch prompts, Tensor tokens, Tensor mask, ScoreOptions options)
    {
        using IDisposable? withoutGradient = options.Gradient ? null : no_grad();
        long[] shape = tokens.shape;
        Tensor distribution = (options.Reference ? _reference! : _table).narrow(0, 0, shape[2]).log_softmax(-1).unsqueeze(0).unsqueeze(0).expand(shape[0], shape[1], shape[2], Grammar.Start);
        Tensor logProbabilities = distribution.gather(-1, tokens.unsqueeze(-1)).squeeze(-1) * mask;
        Tensor? entropy = options.Entropy == EntropyUse.None ? null : -(distribution.exp() * distribution).sum(-1) * mask;
        return new ScoredTokens(logProbabilities, options.Entropy == EntropyUse.Figure ? entropy!.detach() : entropy);
    }

    public void FreezeReference()
    {
        _reference?.Dispose();
        _reference = _table.detach().clone().DetachFromDisposeScope();
    }

    public IReadOnlyDictionary<string, Tensor> ReferenceTensors() => _reference is null ? [] : new Dictionary<string, Tensor> { ["table"] = _reference };

    public void Dispose()
    {
        _table.Dispose();
        _reference?.Dispose();
        IsDisposed = true;
    }

    private sealed class Batch(IReadOnlyList<PolicyPrompt> prompts) : PromptBatch(prompts)
    {
        public override PromptBatch Subset(IReadOnlyList<int> indices) => new Batch([.. indices.Select(index => Prompts[index])]);

        public override void Dispose()
        {
        }
    }

    // Look . . Box . . . . Point . . End; the near borders of the box open in the first half, the far ones in the second.
    private static float[] Spelling(AnswerGrammar grammar)
    {
        int bins = grammar.Bins, half = bins / 2;
        int[][] open =
        [
            [grammar.Look], [.. Enumerable.Range(0, bins)], [.. Enumerable.Range(0, bins)],
            [grammar.Box], [.. Enumerable.Range(0, half)], [.. Enumerable.Range(0, half)], [.. Enumerable.Range(half, half)], [.. Enumerable.Range(half, half)],
            [grammar.Point], [.. Enumerable.Range(0, bins)], [.. Enumerable.Range(0, bins)], [grammar.End],
        ];
        var scores = new float[grammar.LongestAnswer * grammar.Start];
        for (int at = 0; at < open.Length; at++)
            foreach (int token in open[at])
                scores[at * grammar.Start + token] = Certain;
        return scores;
    }
}
