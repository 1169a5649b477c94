using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Rewards;

using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Compact;

/// <summary>
/// Teaches the policy the language of answers by imitation: whole scenes, random closer views, and second looks at
/// its own proposals, so that it meets in training what Look-to-Confirm will show it. Objects are said from the largest to the
/// smallest, so that every answer has one right order and what is too much for the longest answer is the least.
/// </summary>
internal static class PolicyWarmUp
{
    private const double WholeShare = 0.5;
    private const float SmallestSurroundings = 1.2f;
    // Where less of the object is in view, there is nothing to learn but noise.
    private const double VisibleShare = 0.5;

    // A patch belongs to what covers more than half of it; one with less than this of anything is background, and one in
    // between says nothing clear.
    private const float BackgroundShare = 0.2f, ThingShare = 0.5f;
    private const long Unclear = -100;

    // Behind the end of an answer there is nothing to be learned. What cross-entropy passes over, like the above.
    private const long Padding = -100;

    /// <summary>A prompt with the answer it should get, and the example it is about.</summary>
    public sealed record Lesson(PolicyPrompt Prompt, int[] Tokens, SegmentationExample Example);

    /// <summary>Whole scenes and random closer views of all objects asked for.</summary>
    public static Lesson[] FirstLooks(IReadOnlyList<SegmentationExample> examples, DrSegModel model, ulong seed)
    {
        var lessons = new Lesson[examples.Count];
        for (int i = 0; i < lessons.Length; i++)
        {
            SegmentationExample example = examples[i];
            var random = DeterministicRandom.Create(seed, (ulong)example.Id);
            ImageView view = random.NextDouble() < WholeShare || example.Mask.Area == 0
                ? ImageView.Whole(example.Image)
                : new ImageView(example.Image, RandomRegion(example.Image, example.Mask.Box, ref random));
            lessons[i] = Teach(example, view, Wanted(example, view, model), model, look: 0);
        }
        return lessons;
    }

    /// <summary>Second looks at the policy's own sampled proposals, where they hold an object or nothing is wanted.</summary>
    public static Lesson[] SecondLooks(IReadOnlyList<SegmentationExample> examples, DrSegModel model, ulong seed)
    {
        PolicyPrompt[] prompts = [.. examples.Select(e => new PolicyPrompt(ImageView.Whole(e.Image), e.Query, e.Id))];
        using var look = Look.Take(model.Policy, model.Segmenter, prompts, 1, new AnswerSampling(1f, FirstGreedy: false, seed));
        var lessons = new List<Lesson>(examples.Count);
        for (int i = 0; i < examples.Count; i++)
        {
            if (look.Answers[i][0].Box is not { } box) continue;
            var view = ImageView.Around(examples[i].Image, box, look.Masks[i][0]!);
            // "There is nothing" is said of the image: where the view merely misses what is wanted, it would be false.
            SegmentedObject[] wanted = Wanted(examples[i], view, model);
            if (wanted.Length > 0 || examples[i].Mask.Area == 0)
                lessons.Add(Teach(examples[i], view, wanted, model, look: 1));
        }
        return [.. lessons];
    }

    /// <summary>
    /// Mean cross-entropy over all tokens of all answers; and patch by patch, whether it shows the object asked for and,
    /// where all objects are known, what it shows.
    /// </summary>
    public static Tensor Loss(DrSegModel model, IReadOnlyList<Lesson> lessons)
    {
        CompactPolicy policy = model.CompactPolicy;
        int length = lessons.Max(lesson => lesson.Tokens.Length);
        using PromptBatch prompts = policy.Prepare([.. lessons.Select(lesson => lesson.Prompt)]);
        Tensor Tokens(long padding) => tensor(
            [.. lessons.SelectMany(lesson => lesson.Tokens.Select(token => (long)token).Concat(Enumerable.Repeat(padding, length - lesson.Tokens.Length)))],
            [lessons.Count, 1, length]).to(model.Device);
        Tensor logits = policy.Logits(prompts, Tokens(policy.Grammar.End), out Tensor things, out Tensor grounding);
        Tensor loss = nn.functional.cross_entropy(logits.reshape(-1, policy.Grammar.Start), Tokens(Padding).view(-1), null, Padding);

        int patches = (int)grounding.shape[1], side = (int)Math.Sqrt(patches);
        var asked = new float[lessons.Count * patches];
        var shown = new long[lessons.Count * patches];
        Parallel.For(0, lessons.Count, i =>
        {
            CropSampler.Sample(lessons[i].Example.Mask, lessons[i].Prompt.View.Region, side, asked.AsSpan(i * patches, patches));
            Label(lessons[i], side, model.Vocabulary.Nouns, shown.AsSpan(i * patches, patches));
        });
        loss = loss.Plus(nn.functional.binary_cross_entropy_with_logits(grounding, tensor(asked, grounding.shape).Between(0, 1).to(grounding.device)));
        // Without any clear patch the mean would be 0 / 0.
        return Array.TrueForAll(shown, label => label == Unclear)
            ? loss
            : loss.Plus(nn.functional.cross_entropy(things.view(-1, things.shape[2]), tensor(shown, [shown.Length]).to(things.device), null, Unclear));
    }

    // 0 for background, 1 + noun for a thing.
    private static void Label(Lesson lesson, int side, IReadOnlyList<string> nouns, Span<long> labels)
    {
        labels.Fill(lesson.Example.Everything is null ? Unclear : 0);
        var coverage = new float[labels.Length];
        foreach (LabelledMask thing in lesson.Example.Everything ?? [])
        {
            int noun = 0;
            while (noun < nouns.Count && nouns[noun] != thing.Noun) noun++;
            CropSampler.Sample(thing.Mask, lesson.Prompt.View.Region, side, coverage);
            for (int i = 0; i < labels.Length; i++)
            {
                if (coverage[i] > ThingShare && noun < nouns.Count) labels[i] = 1 + noun;
                else if (coverage[i] > BackgroundShare && labels[i] == 0) labels[i] = Unclear;
            }
        }
    }

    private static Lesson Teach(SegmentationExample example, ImageView view, SegmentedObject[] wanted, DrSegModel model, int look) => new(
        new PolicyPrompt(view, example.Query, example.Id, look),
        model.CompactPolicy.Grammar.Encode(wanted, view.Region),
        example);

    // The objects that are in view, from the largest to the smallest. For a policy that says one object, all of them are one.
    private static SegmentedObject[] Wanted(SegmentationExample example, ImageView view, DrSegModel model)
    {
        int most = model.CompactPolicy.Shape.MostObjects;
        GroundTruth truth = most == 1 ? new(example.Mask) : new(example.Mask, example.Objects);
        return [.. truth.Objects
            .Where(one => VisibleIn(one.Box, view.Region) >= VisibleShare)
            .OrderByDescending(one => one.Mask!.Area).ThenBy(one => one.Box.X0).ThenBy(one => one.Box.Y0)
            .Take(most)];
    }

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
