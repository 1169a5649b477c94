using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// The formulas behind <see cref="CandidateMetrics"/> that are not mask or box arithmetic.
/// Point and count scores follow the accuracy reward of the Dr. Seg paper (arXiv 2603.00152); the pixel distances of the
/// paper and its published code, stated for an 840 x 840 canvas, are fractions of the image diagonal here, so that image
/// size does not matter.
/// </summary>
internal static class CandidateScores
{
    private const double ReferenceDiagonal = 840 * 1.4142135623730951;

    /// <summary>Up to this distance, as a fraction of the image diagonal, a point has the full score (30 pixels of 840 x 840).</summary>
    public const double FullPointDistance = 30 / ReferenceDiagonal;

    /// <summary>From this distance on, as a fraction of the image diagonal, a point scores 0 (200 pixels of 840 x 840).</summary>
    public const double ZeroPointDistance = 200 / ReferenceDiagonal;

    /// <summary>Up to this mean distance of its sides, as a fraction of the image diagonal, a box has the full score (10 pixels of 840 x 840).</summary>
    public const double FullBoxDistance = 10 / ReferenceDiagonal;

    /// <summary>
    /// Average precision of a single mask against a single object, COCO's way: the mean over the IoU thresholds
    /// .50, .55 to .95 of "the threshold is reached", so a multiple of .1.
    /// </summary>
    public static double AveragePrecision(double intersectionOverUnion)
    {
        var reached = 0;
        while (reached < IoUThresholds && intersectionOverUnion >= IoUThreshold(reached))
            reached++;
        return reached / (double)IoUThresholds;
    }

    private const int IoUThresholds = 10;

    /// <summary>.50, .55 to .95. A quotient, not a running sum: .6 must be the same double as an IoU of 3/5.</summary>
    private static double IoUThreshold(int i) => (50 + 5 * i) / 100.0;

    internal static double Diagonal(int width, int height) => Math.Sqrt((double)width * width + (double)height * height);

    /// <summary>Euclidean distance in pixels. Coordinates lie in an image, so no square can overflow.</summary>
    internal static double Distance(PixelPoint a, PixelPoint b)
    {
        var (x, y) = ((double)a.X - b.X, (double)a.Y - b.Y);
        return Math.Sqrt(x * x + y * y);
    }

    internal static double SideDistance(BoundingBox a, BoundingBox b) =>
        (Math.Abs((double)a.X0 - b.X0) + Math.Abs((double)a.Y0 - b.Y0) + Math.Abs((double)a.X1 - b.X1) + Math.Abs((double)a.Y1 - b.Y1)) / 4;

    /// <summary>
    /// Closeness of two points at a distance, as a fraction of the image diagonal: 1 up to <see cref="FullPointDistance"/>, 0 from
    /// <see cref="ZeroPointDistance"/>, linear between.
    /// </summary>
    internal static double PointAt(double distance) => Closeness(distance, FullPointDistance);

    /// <summary>
    /// Closeness of two boxes whose sides are that far apart on average: 1 up to <see cref="FullBoxDistance"/>, 0 from
    /// <see cref="ZeroPointDistance"/>, linear between. Unlike the IoU it tells boxes apart that do not touch.
    /// </summary>
    internal static double BoxL1At(double distance) => Closeness(distance, FullBoxDistance);

    private static double Closeness(double distance, double fullDistance) =>
        Math.Min(Math.Max((ZeroPointDistance - distance) / (ZeroPointDistance - fullDistance), 0), 1); // Math.Clamp branches

    /// <summary>Agreement of two counts: the smaller over the larger, 1 where both are 0.</summary>
    public static double Count(int answered, int wanted)
    {
        var more = Math.Max(answered, wanted);
        return more == 0 ? 1 : (double)Math.Min(answered, wanted) / more;
    }
}
