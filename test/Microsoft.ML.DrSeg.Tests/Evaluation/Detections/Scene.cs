using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Tests.Evaluation.Detections;

/// <summary>Objects and detections that are boxes on an image of 200 x 200 pixels, as masks, and what they score.</summary>
internal static class Scene
{
    public const int Side = 200;

    public static SegmentationMask Mask(int x0, int y0, int x1, int y1) => SegmentationMask.FromBox(new(x0, y0, x1, y1), Side, Side);

    public static TrueObject Object(string category, int x0, int y0, int x1, int y1, bool isCrowd = false) =>
        new(category, Mask(x0, y0, x1, y1)) { IsCrowd = isCrowd };

    public static DetectedObject Detection(string category, float score, int x0, int y0, int x1, int y1) =>
        new(category, score, Mask(x0, y0, x1, y1));

    public static DetectionImage Image(ImageId id, TrueObject[] truth, params DetectedObject[] detections) =>
        new() { Id = id, Truth = truth, Detections = detections };

    public static DetectionMetrics Score(DetectionSettings? settings, params IEnumerable<DetectionImage> images)
    {
        var sums = new DetectionAccumulator(settings);
        foreach (var image in images)
            sums.Add(image);
        return sums.Complete();
    }

    public static DetectionMetrics Coco(params DetectionImage[] images) => Score(null, images);
}
