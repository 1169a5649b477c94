using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// What one candidate (objects, each a box and a point, and the mask that they led to together) is worth against the ground
/// truth. Every quality lies in [0, 1]; one that could not be measured, such as the mask IoU of a text, is NaN. A failed answer,
/// one that could not be parsed, is told apart from an honest answer that scores 0 everywhere: see <see cref="IsFailed"/>.
/// </summary>
/// <param name="MaskIoU">Mask intersection over union.</param>
/// <param name="Dice">Mask Dice coefficient.</param>
/// <param name="AveragePrecision">Share of the IoU thresholds .50:.05:.95 that the mask reaches.</param>
/// <param name="BoxIoU">Box intersection over union, half-open pixels; the mean over matched objects.</param>
/// <param name="PointScore">1 up to 30 pixels from the true point, falling linearly to 0 at 200, in an image of 840 x 840 and in proportion to the diagonal in others; the mean over matched objects.</param>
/// <param name="CountScore">The smaller over the larger of the numbers of answered and of true objects; 1 where both are 0.</param>
public readonly record struct CandidateMetrics(
    double MaskIoU, double Dice, double AveragePrecision, double BoxIoU, double PointScore, double CountScore)
{
    /// <summary>
    /// IoU of the bands along the borders of both masks, 2 % of the image diagonal wide (Cheng et al. 2021, "Boundary IoU").
    /// </summary>
    public double BoundaryIoU { get; init; }

    /// <summary>1 up to a mean distance of its sides from the true ones of 10 pixels, falling linearly to 0 at 200, in an image of 840 x 840 and in proportion to the diagonal in others; the mean over matched objects.</summary>
    public double BoxL1Score { get; init; }

    /// <summary>1 for a text that holds to the grammar (<see cref="Answers.AnswerParser"/>); NaN where there was no text.</summary>
    public double Format { get; init; }

    /// <summary>1 for a text with a look span that is not blank; NaN where there was no text.</summary>
    public double LookSpan { get; init; }

    /// <summary>1 for a text whose sentences are repeated once at most, and which holds none of the prompt's own placeholder phrases; NaN where there was no text.</summary>
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
    /// Measures an answer and the mask that its objects have together. Boxes, points and count are those of the objects, each
    /// matched to a true one by box and point (<see cref="AnswerScorer"/>); the masks are compared as wholes. Nothing answered
    /// where nothing is wanted is a full score, one without the other 0. What a policy wrote is measured as a text too.
    /// </summary>
    /// <param name="answer">The answer.</param>
    /// <param name="mask">The union of its objects' masks, of the same size as the true mask; null for a failed answer.</param>
    /// <param name="truth">The ground truth.</param>
    /// <returns>The metrics; <see cref="Failed"/> where the answer failed, or a coordinate of it is not finite: it would poison every rank.</returns>
    /// <exception cref="ArgumentException">The masks differ in size.</exception>
    public static CandidateMetrics Measure(GeneratedAnswer answer, SegmentationMask? mask, GroundTruth truth)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(truth);
        if (answer.Failure is { } failure)
            return AnswerScorer.Failed(failure);
        ArgumentNullException.ThrowIfNull(mask);
        var metrics = Measure(answer.Objects!, mask, truth);
        return answer.Text is null || metrics.IsFailed ? metrics : AnswerScorer.WithText(metrics, (TextAnswer)answer.Parsed);
    }

    /// <summary>Measures a mask alone: the one object that it shows, or none where it is empty.</summary>
    /// <param name="mask">The candidate's mask, of the same size as the true mask.</param>
    /// <param name="truth">The ground truth.</param>
    /// <exception cref="ArgumentException">The masks differ in size.</exception>
    public static CandidateMetrics Measure(SegmentationMask mask, GroundTruth truth)
    {
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentNullException.ThrowIfNull(truth);
        return Measure(mask.Area == 0 ? [] : [SegmentedObject.Of(mask)], mask, truth);
    }

    private static CandidateMetrics Measure(IReadOnlyList<SegmentedObject> objects, SegmentationMask mask, GroundTruth truth)
    {
        var metrics = new AnswerScorer().Measure([.. objects], [.. truth.Objects], truth.Mask.Width, truth.Mask.Height);
        if (metrics.IsFailed)
            return metrics;
        // An object without a pixel is not the answer that there is none.
        var isOneNothing = objects.Count == 0 != (truth.Objects.Count == 0);
        var maskIoU = isOneNothing ? 0 : mask.IntersectionOverUnion(truth.Mask);
        return metrics with
        {
            MaskIoU = maskIoU,
            Dice = isOneNothing ? 0 : mask.Dice(truth.Mask),
            AveragePrecision = CandidateScores.AveragePrecision(maskIoU),
            BoundaryIoU = isOneNothing ? 0 : mask.Boundary().IntersectionOverUnion(truth.Boundary),
        };
    }
}
