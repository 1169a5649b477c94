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
    /// detection's area for a crowd. Nothing shared is 0, two empty masks as well: nothing was found there. By boundaries it is
    /// the lesser of that and of the boundaries' own (boundary-iou-api, <c>cocoeval.py</c>); a crowd's stays as it is.
    /// </summary>
    /// <param name="overlap">What is compared. Objects without masks are compared by boxes in any case.</param>
    public double[] Overlaps(DetectionOverlap overlap, double boundaryShare)
    {
        var overlaps = new double[_detections.Count * _truth.Count];
        var edges = new SegmentationMask?[_truth.Count];
        var at = 0;
        foreach (var (detection, _) in _detections)
        {
            SegmentationMask? edge = null;
            for (var i = 0; i < _truth.Count; i++, at++)
            {
                var truth = _truth[i];
                if (overlap == DetectionOverlap.Boxes || truth.Mask is not { } mask)
                    overlaps[at] = OverlapOf(detection.Extents, truth.Extents, truth.IsCrowd);
                else
                    overlaps[at] = OverlapOf(detection.Mask!, mask, truth.IsCrowd);
                if (overlap == DetectionOverlap.Boundaries && overlaps[at] > 0 && !truth.IsCrowd && truth.Mask is not null)
                    overlaps[at] = Math.Min(overlaps[at], OverlapOf(edge ??= detection.Mask!.Boundary(boundaryShare), edges[i] ??= truth.Mask.Boundary(boundaryShare), isCrowd: false));
            }
        }
        return overlaps;
    }

    public double AreaOf(int detection, DetectionOverlap overlap) => overlap == DetectionOverlap.Boxes
        ? _detections[detection].Detection.Extents.Area
        : _detections[detection].Detection.Mask!.Area;

    /// <summary>Intersection over union, or over the detection's area for a crowd.</summary>
    public static double OverlapOf(SegmentationMask detection, SegmentationMask truth, bool isCrowd)
    {
        if (detection.Width == truth.Width && detection.Height == truth.Height && detection.Box.Intersect(truth.Box).IsEmpty)
            return 0;
        long shared = detection.IntersectionArea(truth);
        return shared == 0 ? 0 : (double)shared / (isCrowd ? detection.Area : detection.Area + truth.Area - shared);
    }

    private static double OverlapOf(PlacedBox detection, PlacedBox truth, bool isCrowd) => detection.Shared(truth) is > 0 and var shared
        ? shared / (isCrowd ? detection.Area : detection.Area + truth.Area - shared)
        : 0;
}
