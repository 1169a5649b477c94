using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Rewards;

using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Compact;

/// <summary>Teaches the segmenter masks from boxes and points that are as inexact as a policy's.</summary>
internal static class SegmenterTraining
{
    // Boxes off by up to this share of their size: IoU with the true box from about .5 to 1.
    private const double BoxNoise = 0.15;
    private const double PointNoise = 0.1;

    public sealed record Batch(SegmenterPrompt[] Prompts, float[] Targets);

    public static Batch Make(IReadOnlyList<SegmentationExample> examples, int cropSize, ulong seed)
    {
        int area = cropSize * cropSize;
        (SegmentationExample Example, SegmentedObject Object, int Number)[] objects = [.. examples.AsParallel().AsOrdered()
            .SelectMany(example => new GroundTruth(example.Mask, example.Objects).Objects.Select((one, number) => (example, one, number)))];
        var prompts = new SegmenterPrompt[objects.Length];
        var targets = new float[objects.Length * area];
        Parallel.For(0, objects.Length, i =>
        {
            (SegmentationExample example, (BoundingBox box, PixelPoint point, SegmentationMask? mask), int number) = objects[i];
            // An object's number stands in the upper half of the key, which ids leave free.
            var random = DeterministicRandom.Create(seed, (ulong)example.Id ^ ((ulong)number << 32));
            box = Jitter(box, ref random);
            point = new PixelPoint(
                point.X + (float)(random.NextGaussian() * PointNoise * box.Width),
                point.Y + (float)(random.NextGaussian() * PointNoise * box.Height));
            prompts[i] = new SegmenterPrompt(example.Image, box, point);
            CropSampler.Sample(mask!, CompactSegmenter.Crop(box), cropSize, targets.AsSpan(i * area, area));
        });
        return new Batch(prompts, targets);
    }

    /// <summary>Binary cross-entropy and soft Dice (Milletari et al. 2016, equation 3), in equal parts.</summary>
    public static Tensor Loss(CompactSegmenter segmenter, Batch batch)
    {
        Tensor input = segmenter.Render(batch.Prompts);
        Tensor logits = segmenter.Logits(input);
        Tensor target = tensor(batch.Targets, logits.shape).to(logits.device);
        Tensor chance = logits.sigmoid();
        Tensor overlap = (chance * target).sum([1L, 2L]);
        Tensor dice = overlap.Times(2).Plus(1) / (chance * chance).sum([1L, 2L]).Plus((target * target).sum([1L, 2L])).Plus(1);
        return nn.functional.binary_cross_entropy_with_logits(logits, target).Plus(dice.mean().neg().Plus(1));
    }

    private static BoundingBox Jitter(BoundingBox box, ref DeterministicRandom random)
    {
        float Off(float extent, ref DeterministicRandom source) => (float)((2 * source.NextDouble() - 1) * BoxNoise * extent);
        float x0 = box.X0 + Off(box.Width, ref random), x1 = box.X1 + Off(box.Width, ref random);
        float y0 = box.Y0 + Off(box.Height, ref random), y1 = box.Y1 + Off(box.Height, ref random);
        return new BoundingBox(x0, y0, Math.Max(x1, x0 + 1), Math.Max(y1, y0 + 1));
    }
}
