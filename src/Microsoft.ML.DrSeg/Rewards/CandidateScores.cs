using Microsoft.ML.DrSeg.Data;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// The formulas behind <see cref="CandidateMetrics"/> that are not mask or box arithmetic.
/// Point and count scores follow the accuracy reward of the Dr. Seg paper (arXiv 2603.00152); its pixel distances,
/// stated for an 840 x 840 canvas, are fractions of the image diagonal here, so that image size does not matter.
/// </summary>
public static class CandidateScores
{
    private const double ReferenceDiagonal = 840 * 1.4142135623730951;

    /// <summary>Up to this distance, as a fraction of the image diagonal, a point has the full score (30 pixels of 840 x 840).</summary>
    public const double FullPointDistance = 30 / ReferenceDiagonal;

    /// <summary>From this distance on, as a fraction of the image diagonal, a point scores 0 (200 pixels of 840 x 840).</summary>
    public const double ZeroPointDistance = 200 / ReferenceDiagonal;

    /// <summary>
    /// Average precision of a single mask against a single object, COCO's way: the mean over the IoU thresholds
    /// .50, .55 to .95 of "the threshold is reached", so a multiple of .1.
    /// </summary>
    /// <param name="intersectionOverUnion">The mask's IoU, in [0, 1].</param>
    public static double AveragePrecision(double intersectionOverUnion)
    {
        var reached = 0;
        for (var percent = 50; percent <= 95; percent += 5)
        {
            // A quotient, not a running sum: .6 must be the same double as an IoU of 3/5.
            if (intersectionOverUnion >= percent / 100.0)
                reached++;
        }
        return reached / 10.0;
    }

    /// <summary>
    /// Closeness of two points: 1 up to <see cref="FullPointDistance"/>, 0 from <see cref="ZeroPointDistance"/>, linear between.
    /// </summary>
    /// <param name="answered">The answered point in pixels.</param>
    /// <param name="wanted">The true point in pixels.</param>
    /// <param name="width">Image width in pixels, positive.</param>
    /// <param name="height">Image height in pixels, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">The image has no area.</exception>
    public static double Point(PixelPoint answered, PixelPoint wanted, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        var distance = double.Hypot((double)answered.X - wanted.X, (double)answered.Y - wanted.Y) / double.Hypot(width, height);
        return Math.Clamp((ZeroPointDistance - distance) / (ZeroPointDistance - FullPointDistance), 0, 1);
    }

    /// <summary>Agreement of two counts: the smaller over the larger, 1 where both are 0.</summary>
    /// <param name="answered">Number of answered objects.</param>
    /// <param name="wanted">Number of true objects.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative.</exception>
    public static double Count(int answered, int wanted)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(answered);
        ArgumentOutOfRangeException.ThrowIfNegative(wanted);
        var more = Math.Max(answered, wanted);
        return more == 0 ? 1 : (double)Math.Min(answered, wanted) / more;
    }
}
