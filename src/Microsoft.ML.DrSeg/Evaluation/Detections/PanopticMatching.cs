using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>What panoptic quality is computed from: matched segments with their IoU, and the unmatched ones of either side.</summary>
internal struct PanopticSum
{
    private ExactMean _matched;

    public long FalsePositives, FalseNegatives;

    public readonly long Segments => _matched.Count + FalsePositives + FalseNegatives;

    /// <summary>Null where there is no segment on either side.</summary>
    public readonly (double Panoptic, double Segmentation, double Recognition)? Quality
    {
        get
        {
            var half = _matched.Count + .5 * FalsePositives + .5 * FalseNegatives;
            return Segments == 0 ? null : (_matched.Sum / half, _matched.Value ?? 0, _matched.Count / half);
        }
    }

    public void Match(double iou) => _matched.Add(iou);

    public void Merge(in PanopticSum other)
    {
        _matched.Merge(other._matched);
        FalsePositives += other.FalsePositives;
        FalseNegatives += other.FalseNegatives;
    }
}

/// <summary>
/// Which segments match, by the rules of panopticapi's <c>evaluation.py</c>: those of one category whose IoU is above a half, of
/// which there is at most one, since segments of a side share no pixel. Pixels that no true segment has are left out of the
/// union; an unmatched predicted segment of which more than half are such, or lie in crowds of its category, does not count.
/// By boundaries (boundary-iou-api) the lesser of the IoUs of segments and of their boundaries must be above a half.
/// </summary>
internal static class PanopticMatching
{
    /// <param name="recordsOf">Where the sums of a category are kept.</param>
    public static void Match(DetectionImage image, DetectionSettings settings, Func<string, CategoryRecords> recordsOf)
    {
        foreach (var one in image.Truth)
            _ = one.Mask ?? throw new InvalidOperationException($"Image {image.Id}, row {image.Row}: an object '{one.Category}' has no mask, which panoptic quality is about. Leave it out.");
        TrueObject[] truth = [.. image.Truth.Where(one => one.Mask!.Area > 0)];
        var predicted = Apart(image.Detections);
        if ((truth.Length > 0 ? truth[0].Mask : predicted.Count > 0 ? predicted[0].Mask : null) is not { } first)
            return;
        var labelled = SegmentationMask.Union(truth.Select(one => one.Mask!), first.Width, first.Height);
        if (labelled.Area != truth.Sum(one => (long)one.Mask!.Area))
            throw new InvalidOperationException($"Image {image.Id}, row {image.Row}: true objects overlap. Panoptic quality wants a truth in which a pixel has one segment, such as COCO's panoptic annotations.");

        var isFound = new bool[truth.Length];
        foreach (var (category, mask) in predicted)
        {
            var best = -1;
            var unlabelled = mask.Area - mask.IntersectionArea(labelled);
            for (var i = 0; i < truth.Length && best < 0; i++)
            {
                if (truth[i].Category != category || truth[i].IsCrowd || Overlap(truth[i].Mask!, mask, unlabelled) is not (> .5 and var iou))
                    continue;
                if (settings.Overlap == DetectionOverlap.Boundaries)
                    iou = Math.Min(iou, OverlapOfBoundaries(truth[i].Mask!, mask));
                if (iou <= .5)
                    continue;
                isFound[best = i] = true;
                recordsOf(category).Panoptic.Match(iou);
            }
            if (best < 0 && 2 * (unlabelled + truth.Where(one => one.IsCrowd && one.Category == category).Sum(one => one.Mask!.IntersectionArea(mask))) <= mask.Area)
                recordsOf(category).Panoptic.FalsePositives++;
        }
        for (var i = 0; i < truth.Length; i++)
            if (!isFound[i] && !truth[i].IsCrowd)
                recordsOf(truth[i].Category).Panoptic.FalseNegatives++;

        double OverlapOfBoundaries(SegmentationMask wanted, SegmentationMask found)
        {
            var edge = found.Boundary(settings.BoundaryShare);
            return Overlap(wanted.Boundary(settings.BoundaryShare), edge, edge.Area - edge.IntersectionArea(labelled));
        }
    }

    private static double Overlap(SegmentationMask wanted, SegmentationMask found, long unlabelled)
    {
        var shared = wanted.IntersectionArea(found);
        return shared == 0 ? 0 : (double)shared / (found.Area + wanted.Area - shared - unlabelled);
    }

    // Segments share no pixel: where masks do, the one with the higher score keeps it, and one that loses all of its own is none.
    private static List<(string Category, SegmentationMask Mask)> Apart(IReadOnlyList<DetectedObject> detections)
    {
        var apart = new List<(string, SegmentationMask)>(detections.Count);
        SegmentationMask? taken = null;
        foreach (var one in detections.OrderByDescending(one => one.Score))
        {
            var mask = taken is null ? one.Mask! : one.Mask!.Except(taken);
            taken = taken?.Union(mask) ?? mask;
            if (mask.Area > 0)
                apart.Add((one.Category, mask));
        }
        return apart;
    }
}
