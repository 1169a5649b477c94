using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tests.Models;

/// <summary>A policy that says what it is told to: to each prompt, the answer of each place. Keeps what it was asked; cannot be trained.</summary>
internal sealed class SaidPolicy(Func<PolicyPrompt, int, ParsedAnswer> say) : IVisionLanguagePolicy
{
    public static readonly FailedAnswer Failed = new(FailedAnswerReason.Unfinished, "it stops");

    /// <summary>All prompts so far.</summary>
    public List<PolicyPrompt> Asked { get; } = [];

    public int LongestAnswer => 1;

    /// <summary>An answer of boxes, each with its point in the middle.</summary>
    public static TextAnswer Boxes(params BoundingBox[] boxes) => new([.. boxes.Select(box => new SegmentedObject(box, box.Center))], "", []);

    public IEnumerable<Parameter> Parameters() => [];

    public PromptBatch Prepare(IReadOnlyList<PolicyPrompt> prompts)
    {
        Asked.AddRange(prompts);
        return new Batch(prompts);
    }

    public GeneratedAnswer[][] Generate(PromptBatch prompts, int answersPerPrompt, AnswerSampling sampling) =>
        [.. prompts.Prompts.Select(prompt => Enumerable.Range(0, answersPerPrompt).Select(place => new GeneratedAnswer([0], [0f], true, say(prompt, place))).ToArray())];

    public ScoredTokens Score(PromptBatch prompts, Tensor tokens, Tensor mask, ScoreOptions options) => throw new NotSupportedException();

    public void FreezeReference() => throw new NotSupportedException();

    public IReadOnlyDictionary<string, Tensor> ReferenceTensors() => new Dictionary<string, Tensor>();

    public void Dispose()
    {
    }

    private sealed class Batch(IReadOnlyList<PolicyPrompt> prompts) : PromptBatch(prompts)
    {
        public override PromptBatch Subset(IReadOnlyList<int> indices) => new Batch([.. indices.Select(index => Prompts[index])]);

        public override void Dispose()
        {
        }
    }
}
