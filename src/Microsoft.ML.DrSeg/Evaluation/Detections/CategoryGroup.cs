using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>The objects and detections of one category in one image, and how far they overlap.</summary>
internal sealed class CategoryGroup
{
    private readonly List<(DetectedObject Detection, int Position)> _detections = [];
    private readonly List<TrueObject> _truth = [];

    public IReadOnlyList<TrueObject> Truth => _truth;

    /// <summary>The detections with their places in the image; highest score first once sorted.</summary>
    public IReadOnlyList<(DetectedObject Detection, int Position)> Detections => _detections;

    public void Add(TrueObject truth) => _truth.Add(truth);

    public void Add(DetectedObject detection, int position) => _detections.Add((detection, position));

    public void SortDetections(int limit)
    {
        _detections.Sort((first, second) => first.Detection.Score != second.Detection.Score
            ? second.Detection.Score.CompareTo(first.Detection.Score)
            : first.Position.CompareTo(second.Position));
        if (_detections.Count > limit)
            _detections.RemoveRange(limit, _detections.Count - limit);
    }

    /// <summary>
    /// How far each detection overlaps each object, [detection x objects + object]: intersection over union, or over the
    /// detection's area for a crowd. Nothing shared is 0, two empty masks as well: nothing was found there.
    /// </summary>
    /// <param name="overlap">What is compared. Objects without masks are compared by boxes in any case.</param>
    public double[] Overlaps(DetectionOverlap overlap)
    {
        var overlaps = new double[_detections.Count * _truth.Count];
        var at = 0;
        foreach (var (detection, _) in _detections)
            foreach (var truth in _truth)
                overlaps[at++] = overlap == DetectionOverlap.Masks && truth.Mask is { } mask
                    ? OverlapOf(detection.Mask!, mask, truth.IsCrowd)
                    : OverlapOf(detection.Extents, truth.Extents, truth.IsCrowd);
        return overlaps;
    }

    public double AreaOf(int detection, DetectionOverlap overlap) => overlap == DetectionOverlap.Masks
        ? _detections[detection].Detection.Mask!.Area
        : AreaOf(_detections[detection].Detection.Extents);

    private static double OverlapOf(SegmentationMask detection, SegmentationMask truth, bool isCrowd)
    {
        if (detection.Width == truth.Width && detection.Height == truth.Height && detection.Box.Intersect(truth.Box).IsEmpty)
            return 0;
        long shared = detection.IntersectionArea(truth);
        return shared == 0 ? 0 : (double)shared / (isCrowd ? detection.Area : detection.Area + truth.Area - shared);
    }

    // In double precision: a pixel's worth of rounding would move a box across a threshold.
    private static double OverlapOf(BoundingBox detection, BoundingBox truth, bool isCrowd)
    {
        double width = (double)Math.Min(detection.X1, truth.X1) - Math.Max(detection.X0, truth.X0);
        double height = (double)Math.Min(detection.Y1, truth.Y1) - Math.Max(detection.Y0, truth.Y0);
        if (!(width > 0 && height > 0))
            return 0;
        double shared = width * height, area = AreaOf(detection);
        return shared / (isCrowd ? area : area + AreaOf(truth) - shared);
    }

    private static double AreaOf(BoundingBox box) => box.IsEmpty ? 0 : ((double)box.X1 - box.X0) * ((double)box.Y1 - box.Y0);
}
