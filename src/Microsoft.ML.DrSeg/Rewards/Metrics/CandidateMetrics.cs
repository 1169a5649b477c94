using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// What one candidate (a box, a point and the mask they led to) is worth against the ground truth.
/// Every quality lies in [0, 1]; one that could not be measured, such as the mask IoU of a text, is NaN. A failed answer, one that could not be parsed, is told apart from an
/// honest answer that scores 0 everywhere: see <see cref="IsFailed"/>.
/// </summary>
/// <param name="MaskIoU">Mask intersection over union.</param>
/// <param name="Dice">Mask Dice coefficient.</param>
/// <param name="AveragePrecision">Share of the IoU thresholds .50:.05:.95 that the mask reaches (<see cref="CandidateScores"/>).</param>
/// <param name="BoxIoU">Box intersection over union, half-open pixels.</param>
/// <param name="PointScore">1 near the true point, falling linearly to 0 (<see cref="CandidateScores.Point"/>).</param>
/// <param name="CountScore">Fewer objects over more objects (<see cref="CandidateScores.Count"/>).</param>
public readonly record struct CandidateMetrics(
    double MaskIoU, double Dice, double AveragePrecision, double BoxIoU, double PointScore, double CountScore)
{
    /// <summary>
    /// IoU of the bands along the borders of both masks, 2 % of the image diagonal wide (Cheng et al. 2021, "Boundary IoU").
    /// </summary>
    public double BoundaryIoU { get; init; }

    /// <summary>1 for a box whose sides are near the true ones, falling linearly to 0 (<see cref="CandidateScores.BoxL1"/>).</summary>
    public double BoxL1Score { get; init; }

    /// <summary>1 for a text that holds to the grammar (<see cref="Answers.AnswerParser"/>); NaN where there was no text.</summary>
    public double Format { get; init; }

    /// <summary>1 for a text with a look span that is not blank; NaN where there was no text.</summary>
    public double LookSpan { get; init; }

    /// <summary>1 for a text that does not repeat itself (<see cref="Answers.Repetition"/>); NaN where there was no text.</summary>
    public double NonRepetition { get; init; }

    /// <summary>The metrics of an answer that could not be parsed: 0 everywhere, and marked as failed.</summary>
    public static CandidateMetrics Failed { get; } = new() { IsFailed = true };

    /// <summary>Whether the answer failed. A failed answer is rewarded with exactly 0 and never enters a reference distribution.</summary>
    public bool IsFailed { get; init; }

    /// <summary>Whether the answer failed because it is longer than allowed (<see cref="Answers.AnswerLimits"/>).</summary>
    public bool IsOverLong { get; init; }

    /// <summary>The value of one component, by name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The component is not a member of <see cref="RewardComponent"/>.</exception>
    public double this[RewardComponent component] => component switch
    {
        RewardComponent.MaskIoU => MaskIoU,
        RewardComponent.Dice => Dice,
        RewardComponent.AveragePrecision => AveragePrecision,
        RewardComponent.BoxIoU => BoxIoU,
        RewardComponent.PointScore => PointScore,
        RewardComponent.CountScore => CountScore,
        RewardComponent.BoundaryIoU => BoundaryIoU,
        RewardComponent.BoxL1Score => BoxL1Score,
        RewardComponent.Format => Format,
        RewardComponent.LookSpan => LookSpan,
        RewardComponent.NonRepetition => NonRepetition,
        _ => throw new ArgumentOutOfRangeException(nameof(component), component, "Not a reward component."),
    };

    /// <summary>
    /// Scores one answer of at most one object. An empty box answers "there is nothing" and needs no point: a full score
    /// where the true mask is empty too. A box, or the point of a box, that is not finite is a failed answer, as it would
    /// otherwise poison every rank.
    /// </summary>
    /// <param name="mask">The candidate's mask; of the same size as the true mask.</param>
    /// <param name="box">The answered box in pixels, half-open.</param>
    /// <param name="point">The answered point in pixels.</param>
    /// <param name="truth">The ground truth.</param>
    /// <exception cref="ArgumentException">The masks differ in size.</exception>
    public static CandidateMetrics Measure(SegmentationMask mask, BoundingBox box, PixelPoint point, GroundTruth truth)
    {
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentNullException.ThrowIfNull(truth);
        var nothingAnswered = box.IsEmpty;
        if (!new SegmentedObject(box, nothingAnswered ? default : point).IsFinite)
            return Failed;

        var maskIoU = mask.IntersectionOverUnion(truth.Mask);
        var nothingWanted = truth.Mask.Area == 0;
        var bothNothing = nothingAnswered && nothingWanted ? 1.0 : 0.0;
        var bothSomething = !nothingAnswered && !nothingWanted;
        return new CandidateMetrics(
            maskIoU,
            mask.Dice(truth.Mask),
            CandidateScores.AveragePrecision(maskIoU),
            bothSomething ? box.IntersectionOverUnion(truth.Box) : bothNothing,
            bothSomething ? CandidateScores.Point(point, truth.Point, truth.Mask.Width, truth.Mask.Height) : bothNothing,
            CandidateScores.Count(nothingAnswered ? 0 : 1, nothingWanted ? 0 : 1))
        {
            BoundaryIoU = mask.Boundary().IntersectionOverUnion(truth.Boundary),
            BoxL1Score = bothSomething ? CandidateScores.BoxL1(box, truth.Box, truth.Mask.Width, truth.Mask.Height) : bothNothing,
            Format = double.NaN,
            LookSpan = double.NaN,
            NonRepetition = double.NaN,
        };
    }
}
