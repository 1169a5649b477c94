using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>How much of a box may be lost on its way to a model's coordinates and back.</summary>
internal static class ReturnedBoxes
{
    private const double Tolerance = 1e-6;

    /// <summary>
    /// The least IoU of a box with itself come back: rounding moves each side by half a coordinate of the text, then by half a pixel, and
    /// the IoU is least where all four move inward. 0 for a box thinner than that.
    /// </summary>
    public static double LeastIoU(BoundingBox box, AnswerFrame frame) => Math.Max(0,
        Kept(box.Width, frame.Original.Width, frame.Model.Width) * Kept(box.Height, frame.Original.Height, frame.Model.Height) - Tolerance);

    private static double Kept(double side, int original, int model) => Math.Max(0, 1 - ((double)original / model + 1) / side);
}
