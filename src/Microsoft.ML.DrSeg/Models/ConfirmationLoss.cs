using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Models;

/// <summary>
/// What a confirming head learns: to estimate a mask's IoU (the target of Mask Scoring R-CNN, Huang et al. 2019, arXiv 1903.00241) and
/// where mask and object agree.
/// </summary>
internal static class ConfirmationLoss
{
    private const float MapWeight = 0.5f;

    /// <summary>Binary cross-entropy of confidence against IoU, and of every map cell against its agreement.</summary>
    /// <param name="confidence">Logits, [B].</param>
    /// <param name="map">Logits, [B, S * S]: the cells of S rows.</param>
    /// <param name="masks">The B candidates.</param>
    /// <param name="size">Pixels, a multiple of S, that a region is sampled with along each axis to measure agreement.</param>
    public static Tensor Of(Tensor confidence, Tensor map, IReadOnlyList<JudgedMask> masks, int size)
    {
        var ious = new float[masks.Count];
        int cells = (int)map.shape[1], side = (int)Math.Sqrt(cells), area = size * size;
        var agreement = new float[masks.Count * cells];
        Parallel.For(0, masks.Count, i =>
        {
            (SegmentationMask mask, SegmentationMask truth, BoundingBox region) = masks[i];
            ious[i] = (float)mask.IntersectionOverUnion(truth);
            var given = new float[area];
            var wanted = new float[area];
            CropSampler.Sample(mask, region, size, given);
            CropSampler.Sample(truth, region, size, wanted);
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

/// <summary>A candidate to learn from.</summary>
/// <param name="Mask">The candidate.</param>
/// <param name="Truth">The true mask of what was asked for.</param>
/// <param name="Region">The box, in pixels of the image, that the head judged it in.</param>
internal readonly record struct JudgedMask(SegmentationMask Mask, SegmentationMask Truth, BoundingBox Region);
