using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Policies;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Training.Pretraining;

/// <summary>
/// Teaches the policy the language of answers by imitation: whole scenes, random closer views, and second looks at
/// its own proposals, so that it meets in training what Look-to-Confirm will show it.
/// </summary>
internal static class PolicyWarmUp
{
    private const double WholeShare = 0.5;
    private const float SmallestSurroundings = 1.2f;
    // Where less of the object is in view, there is nothing to learn but noise.
    private const double VisibleShare = 0.5;

    /// <summary>A prompt with the answer it should get.</summary>
    public sealed record Lesson(PolicyPrompt Prompt, int[] Tokens);

    /// <summary>Whole scenes and random closer views of the object.</summary>
    public static Lesson[] FirstLooks(IReadOnlyList<SegmentationExample> examples, DrSegModel model, ulong seed)
    {
        var lessons = new Lesson[examples.Count];
        for (int i = 0; i < lessons.Length; i++)
        {
            SegmentationExample example = examples[i];
            DeterministicRandom random = DeterministicRandom.Create(seed, (ulong)example.Id);
            ImageView view = random.NextDouble() < WholeShare
                ? ImageView.Whole(example.Image)
                : new ImageView(example.Image, RandomRegion(example.Image, example.Mask.Box, ref random));
            lessons[i] = Teach(example, view, model, look: 0);
        }
        return lessons;
    }

    /// <summary>Second looks at the policy's own sampled proposals, where they hold the object.</summary>
    public static Lesson[] SecondLooks(IReadOnlyList<SegmentationExample> examples, DrSegModel model, ulong seed)
    {
        PolicyPrompt[] prompts = [.. examples.Select(e => new PolicyPrompt(ImageView.Whole(e.Image), model.Vocabulary.Encode(e.Query), e.Id))];
        using Look look = Look.Take(model.Policy, model.Segmenter, prompts, 1, new AnswerSampling(1f, FirstGreedy: false, seed));
        var lessons = new List<Lesson>(examples.Count);
        for (int i = 0; i < examples.Count; i++)
        {
            if (look.Masks[i][0] is not { } mask) continue;
            ImageView view = ImageView.Around(examples[i].Image, look.Answers[i][0].Answer!.Box, mask);
            if (VisibleIn(examples[i].Mask.Box, view.Region) >= VisibleShare)
                lessons.Add(Teach(examples[i], view, model, look: 1));
        }
        return [.. lessons];
    }

    /// <summary>Mean cross-entropy over all tokens of all answers.</summary>
    public static Tensor Loss(CompactPolicy policy, IReadOnlyList<Lesson> lessons)
    {
        int length = lessons[0].Tokens.Length;
        using PromptBatch prompts = policy.Prepare([.. lessons.Select(lesson => lesson.Prompt)]);
        long[] tokens = [.. lessons.SelectMany(lesson => lesson.Tokens).Select(token => (long)token)];
        Tensor target = tensor(tokens, [lessons.Count, 1, length]).to(prompts.Images.device);
        Tensor logits = policy.Logits(prompts, target);
        return nn.functional.cross_entropy(logits.reshape(-1, policy.Grammar.Start), target.view(-1));
    }

    private static Lesson Teach(SegmentationExample example, ImageView view, DrSegModel model, int look) => new(
        new PolicyPrompt(view, model.Vocabulary.Encode(example.Query), example.Id, look),
        model.Policy.Grammar.Encode(example.Mask.Box, example.Mask.InteriorPoint, view.Region));

    private static BoundingBox RandomRegion(RgbImage image, BoundingBox box, ref DeterministicRandom random)
    {
        float extent = Math.Max(box.Width, box.Height) * SmallestSurroundings, whole = Math.Max(image.Width, image.Height);
        // Uniform in the logarithm: a view twice as close is as likely at every scale.
        float side = extent >= whole ? whole : extent * MathF.Pow(whole / extent, (float)random.NextDouble());
        float x = box.X1 - side + (float)random.NextDouble() * (side - box.Width);
        float y = box.Y1 - side + (float)random.NextDouble() * (side - box.Height);
        return new BoundingBox(x, y, x + side, y + side);
    }

    private static double VisibleIn(BoundingBox box, BoundingBox region)
    {
        double width = Math.Min(box.X1, region.X1) - Math.Max(box.X0, region.X0);
        double height = Math.Min(box.Y1, region.Y1) - Math.Max(box.Y0, region.Y0);
        return width <= 0 || height <= 0 ? 0 : width * height / box.Area;
    }
}
