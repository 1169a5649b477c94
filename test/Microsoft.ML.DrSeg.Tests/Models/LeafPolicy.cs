using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tests.Models;

/// <summary>
/// A policy that scores as another does, but as one too large for a graph of all its layers would: it hands out leaves, and
/// computes the graph only on the way back. Remembers what it was asked.
/// </summary>
internal sealed class LeafPolicy(TablePolicy table) : IVisionLanguagePolicy
{
    /// <summary>What scores were asked for, in order.</summary>
    public List<ScoreOptions> Asked { get; } = [];

    /// <summary>Backward passes so far.</summary>
    public int BackwardPasses { get; private set; }

    /// <summary>Scores not yet disposed.</summary>
    public int Held { get; private set; }

    public int LongestAnswer { get; init; } = table.LongestAnswer;

    public IEnumerable<Parameter> Parameters() => table.Parameters();

    public PromptBatch Prepare(IReadOnlyList<PolicyPrompt> prompts) => table.Prepare(prompts);

    public GeneratedAnswer[][] Generate(PromptBatch prompts, int answersPerPrompt, AnswerSampling sampling) => table.Generate(prompts, answersPerPrompt, sampling);

    public ScoredTokens Score(PromptBatch prompts, Tensor tokens, Tensor mask, ScoreOptions options)
    {
        Asked.Add(options);
        using ScoredTokens figures = table.Score(prompts, tokens, mask, options with { Gradient = false });
        return new Leaves(
            this, () => table.Score(prompts, tokens, mask, options),
            figures.LogProbabilities.detach().clone().requires_grad_(options.Gradient),
            figures.Entropy?.detach().clone().requires_grad_(options.Gradient && options.Entropy == EntropyUse.Loss));
    }

    public void FreezeReference() => table.FreezeReference();

    public IReadOnlyDictionary<string, Tensor> ReferenceTensors() => table.ReferenceTensors();

    public void Dispose() => table.Dispose();

    private sealed class Leaves : ScoredTokens
    {
        private readonly LeafPolicy _policy;
        private readonly Func<ScoredTokens> _graph;

        public Leaves(LeafPolicy policy, Func<ScoredTokens> graph, Tensor logProbabilities, Tensor? entropy) : base(logProbabilities, entropy)
        {
            (_policy, _graph) = (policy, graph);
            policy.Held++;
        }

        public override void Backward()
        {
            _policy.BackwardPasses++;
            using var scope = NewDisposeScope();
            using ScoredTokens scored = _graph();
            List<Tensor> figures = [scored.LogProbabilities], gradients = [LogProbabilities.grad!];
            if (Entropy?.grad is { } gradient)
            {
                figures.Add(scored.Entropy!);
                gradients.Add(gradient);
            }
            autograd.backward(figures, gradients);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) _policy.Held--;
            base.Dispose(disposing);
        }
    }
}
