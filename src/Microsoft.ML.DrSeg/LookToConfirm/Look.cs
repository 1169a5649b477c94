using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.LookToConfirm;

/// <summary>
/// One pass of policy and segmenter over a batch of prompts: what was asked, what was answered, and the mask of every
/// answer. Owns the rendered prompts, which training passes over again.
/// </summary>
/// <param name="Prompts">B prompts.</param>
/// <param name="Answers">B arrays of G answers.</param>
/// <param name="Masks">B arrays of G masks; null for a failed answer.</param>
public sealed record Look(PromptBatch Prompts, GeneratedAnswer[][] Answers, SegmentationMask?[][] Masks) : IDisposable
{
    /// <summary>Generates answers and segments each of them.</summary>
    /// <exception cref="InvalidOperationException">The policy or the segmenter gave something else than was asked for; the message says what.</exception>
    public static Look Take(
        IVisionLanguagePolicy policy, IPromptableSegmenter segmenter,
        IReadOnlyList<PolicyPrompt> prompts, int answersPerPrompt, AnswerSampling sampling) =>
        Take(policy, segmenter, prompts, answersPerPrompt, sampling, clock: null);

    /// <summary>Generates answers and segments each of them; a clock, where there is one, is told how long each part takes.</summary>
    internal static Look Take(
        IVisionLanguagePolicy policy, IPromptableSegmenter segmenter,
        IReadOnlyList<PolicyPrompt> prompts, int answersPerPrompt, AnswerSampling sampling, PhaseClock<LookPhase>? clock)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(segmenter);
        PromptBatch batch;
        using (clock?.Measure(LookPhase.Prompt)) batch = policy.Prepare(prompts);
        try
        {
            GeneratedAnswer[][] answers;
            using (clock?.Measure(LookPhase.Sampling)) answers = policy.GenerateChecked(batch, answersPerPrompt, sampling);
            using (clock?.Measure(LookPhase.Segmentation)) return new Look(batch, answers, Segment(segmenter, batch.Prompts, answers));
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Prompts.Dispose();

    private static SegmentationMask?[][] Segment(IPromptableSegmenter segmenter, IReadOnlyList<PolicyPrompt> prompts, GeneratedAnswer[][] answers)
    {
        var requests = new List<SegmenterPrompt>();
        for (int i = 0; i < answers.Length; i++)
            foreach (GeneratedAnswer generated in answers[i])
                if (generated.Answer is { } answer)
                    requests.Add(new SegmenterPrompt(prompts[i].View.Image, answer.Box, answer.Point));
        SegmentationMask[] found = segmenter.SegmentChecked(requests);

        int next = 0;
        var masks = new SegmentationMask?[answers.Length][];
        for (int i = 0; i < answers.Length; i++)
            masks[i] = [.. answers[i].Select(generated => generated.Answer is null ? null : found[next++])];
        return masks;
    }
}
