using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;

using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Compact;

/// <summary>
/// Teaches the confirming head to estimate a mask's IoU (the target of Mask Scoring R-CNN, Huang et al. 2019) and
/// where mask and object agree, on the policy's own proposals from first and second looks.
/// </summary>
internal static class ConfirmationTraining
{
    private const float MapWeight = 0.5f;
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

    /// <summary>Binary cross-entropy of confidence against IoU, and of every map cell against its agreement.</summary>
    public static Tensor Loss(CompactConfirmation head, IReadOnlyList<Lesson> lessons)
    {
        ConfirmationPrompt[] prompts = [.. lessons.Select(lesson => lesson.Prompt)];
        (Tensor confidence, Tensor map) = head.Logits(prompts);
        var ious = new float[lessons.Count];
        int cells = (int)map.shape[1], side = (int)Math.Sqrt(cells), size = head.Shape.CropSize, area = size * size;
        var agreement = new float[lessons.Count * cells];
        Parallel.For(0, lessons.Count, i =>
        {
            ious[i] = (float)prompts[i].Mask.IntersectionOverUnion(lessons[i].Truth);
            BoundingBox region = CompactConfirmation.Region(prompts[i]);
            var given = new float[area];
            var wanted = new float[area];
            CropSampler.Sample(prompts[i].Mask, region, size, given);
            CropSampler.Sample(lessons[i].Truth, region, size, wanted);
            int cell = size / side;
            Span<float> target = agreement.AsSpan(i * cells, cells);
            for (int y = 0; y < size; y++)
                for (int x = 0; x < size; x++)
                    target[y / cell * side + x / cell] += (1 - Math.Abs(given[y * size + x] - wanted[y * size + x])) / (cell * cell);
        });
        Tensor iouTarget = tensor(ious, [ious.Length]).to(confidence.device);
        Tensor mapTarget = tensor(agreement, map.shape).to(map.device).Between(0, 1);
        return nn.functional.binary_cross_entropy_with_logits(confidence, iouTarget)
            .Plus(nn.functional.binary_cross_entropy_with_logits(map, mapTarget).Times(MapWeight));
    }
}
