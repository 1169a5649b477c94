using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.LookToConfirm;

/// <summary>
/// One pass of policy and segmenter over a batch of prompts: what was asked, what was answered, and the mask that all objects
/// of an answer have together. Owns the rendered prompts, which training passes over again.
/// </summary>
/// <param name="Prompts">B prompts.</param>
/// <param name="Answers">B arrays of G answers, each object with its mask.</param>
/// <param name="Masks">B arrays of G masks, the union of each answer's objects; empty for an answer of no objects, null for a failed one.</param>
public sealed record Look(PromptBatch Prompts, GeneratedAnswer[][] Answers, SegmentationMask?[][] Masks) : IDisposable
{
    /// <summary>Generates answers and segments every object of each of them.</summary>
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
            using (clock?.Measure(LookPhase.Segmentation)) answers = Segment(segmenter, batch.Prompts, answers);
            return new Look(batch, answers, [.. answers.Zip(prompts, (own, prompt) => Array.ConvertAll(own, answer => Together(answer.Objects, prompt.View.Image)))]);
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Prompts.Dispose();

    // The answers with their objects' masks; one call of the segmenter for all of them.
    private static GeneratedAnswer[][] Segment(IPromptableSegmenter segmenter, IReadOnlyList<PolicyPrompt> prompts, GeneratedAnswer[][] answers)
    {
        var requests = new List<SegmenterPrompt>();
        for (int i = 0; i < answers.Length; i++)
            foreach (GeneratedAnswer answer in answers[i])
                foreach (SegmentedObject one in answer.Objects ?? [])
                    requests.Add(new SegmenterPrompt(prompts[i].View.Image, one.Box, one.Point));
        SegmentationMask[] found = segmenter.SegmentChecked(requests);

        int next = 0;
        return Array.ConvertAll(answers, own => Array.ConvertAll(own, answer => answer.Parsed is TextAnswer said
            ? answer with { Parsed = said with { Objects = [.. said.Objects.Select(one => one with { Mask = found[next++] })] } }
            : answer));
    }

    private static SegmentationMask? Together(IReadOnlyList<SegmentedObject>? objects, RgbImage image) => objects switch
    {
        null => null,
        [{ Mask: { } only }] => only,
        _ => SegmentationMask.Union(objects.Select(one => one.Mask!), image.Width, image.Height),
    };
}
