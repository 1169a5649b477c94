using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>A policy whose time is counted; the policy itself stays its owner's.</summary>
internal sealed class TimedPolicy(IVisionLanguagePolicy policy, StepClock clock) : IVisionLanguagePolicy
{
    public int LongestAnswer => policy.LongestAnswer;

    public IEnumerable<Parameter> Parameters() => policy.Parameters();

    public PromptBatch Prepare(IReadOnlyList<PolicyPrompt> prompts) => clock.Measure(StepPhase.Prompt, () => policy.Prepare(prompts));

    public GeneratedAnswer[][] Generate(PromptBatch prompts, int answersPerPrompt, AnswerSampling sampling) =>
        clock.Measure(StepPhase.Sampling, () => policy.Generate(prompts, answersPerPrompt, sampling));

    public ScoredTokens Score(PromptBatch prompts, Tensor tokens, Tensor mask, ScoreOptions options) => policy.Score(prompts, tokens, mask, options);

    public void FreezeReference() => policy.FreezeReference();

    public IReadOnlyDictionary<string, Tensor> ReferenceTensors() => policy.ReferenceTensors();

    public void Dispose()
    {
    }
}

/// <summary>A segmenter whose time is counted; the segmenter itself stays its owner's.</summary>
internal sealed class TimedSegmenter(IPromptableSegmenter segmenter, StepClock clock) : IPromptableSegmenter
{
    public SegmentationMask[] Segment(IReadOnlyList<SegmenterPrompt> prompts) => clock.Measure(StepPhase.Segmentation, () => segmenter.Segment(prompts));

    public void Dispose()
    {
    }
}
