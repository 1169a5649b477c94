using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Compact;

/// <summary>
/// What the confirming head learns from before a policy is trained: the policy's own proposals from first and second looks.
/// </summary>
internal static class ConfirmationTraining
{
    private const int AnswersPerLook = 2;

    /// <summary>A candidate, and the true mask of what was asked for.</summary>
    public sealed record Lesson(ConfirmationPrompt Prompt, SegmentationMask Truth);

    /// <summary>
    /// Sampled proposals of first looks and of second looks at one of them; each also under what the next example asks of
    /// the same image, so that a good mask of the wrong thing is met as often as a good one of the right thing.
    /// </summary>
    public static Lesson[] Propose(IReadOnlyList<SegmentationExample> examples, DrSegModel model, ulong seed)
    {
        var options = new LookToConfirmOptions
        {
            FirstLookAnswers = AnswersPerLook, CloserViews = 1, AnswersPerCloserView = AnswersPerLook, Threshold = float.PositiveInfinity,
        };
        SegmentationQuery[] queries = [.. examples.Select(e => new SegmentationQuery(e.Image, e.Query, e.Id))];
        using LookToConfirmSession session = new LookToConfirmLoop(model).Run(queries, options, seed);
        var lessons = new List<Lesson>(examples.Count * 2 * AnswersPerLook);
        for (int i = 0; i < queries.Length; i++)
        {
            int next = (i + 1) % queries.Length;
            bool sameImage = next != i && ReferenceEquals(queries[i].Image, queries[next].Image);
            foreach (Hypothesis hypothesis in session.Results[i].Hypotheses)
            {
                if (hypothesis.Mask is not { } mask) continue;
                var prompt = new ConfirmationPrompt(queries[i].Image, queries[i].Text, hypothesis.Generated.Box, mask);
                lessons.Add(new Lesson(prompt, examples[i].Mask));
                if (sameImage) lessons.Add(new Lesson(prompt with { Query = queries[next].Text }, examples[next].Mask));
            }
        }
        return [.. lessons];
    }
}
