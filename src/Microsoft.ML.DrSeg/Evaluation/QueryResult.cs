using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>How the answer to one query overlaps the truth, in areas, so that every average can be taken later.</summary>
/// <param name="ClassIndex">The class (noun) that the query names, from 0.</param>
/// <param name="Intersection">Pixels in both masks.</param>
/// <param name="Union">Pixels in either mask.</param>
/// <param name="IsFailed">Whether the answer could not be parsed; it then counts 0, even where nothing was wanted.</param>
internal readonly record struct QueryResult(int ClassIndex, long Intersection, long Union, bool IsFailed = false)
{
    private readonly bool _isAbsent, _isEmpty;

    /// <summary>Whether nothing was wanted: the true mask is empty.</summary>
    public bool IsAbsent { get => _isAbsent || Union == 0; init => _isAbsent = value; }

    /// <summary>Whether the answer was "there is nothing": the answered mask is empty. A failed answer says nothing of the kind.</summary>
    public bool IsEmpty { get => !IsFailed && (_isEmpty || Union == 0); init => _isEmpty = value; }

    /// <summary>Whether as many objects were answered as there are; null where they were not counted.</summary>
    public bool? IsCountRight { get; init; }

    /// <summary>
    /// Mean IoU of the boxes of answered objects and of the true ones that they stand for, in [0, 1]
    /// (<see cref="AnswerScorer"/>): 0 for a failed answer, and where only one side has objects; null where it was not
    /// measured. What one side has too many lowers <see cref="IsCountRight"/> alone.
    /// </summary>
    public double? MatchedBoxIoU { get; init; }

    /// <summary>See <see cref="SegmentationMetrics.BoundaryIoU"/>.</summary>
    public double? BoundaryIoU { get; init; }

    /// <summary>Intersection over union, in [0, 1]: 1 where nothing was wanted and nothing given, 0 for a failed answer.</summary>
    public double IntersectionOverUnion => IsFailed ? 0 : Union == 0 ? 1 : (double)Intersection / Union;

    /// <summary>
    /// Dice coefficient, in [0, 1]: twice the shared pixels over the sum of both areas (Dice 1945), which is intersection
    /// plus union; 1 where nothing was wanted and nothing given, 0 for a failed answer.
    /// </summary>
    public double Dice => IsFailed ? 0 : Union == 0 ? 1 : 2.0 * Intersection / (Intersection + Union);

    /// <summary>Whether nothing was wanted and nothing given.</summary>
    public bool IsRightlyEmpty => Union == 0 && !IsFailed;

    /// <param name="answer">The answered mask; null for a failed answer, which misses every wanted pixel.</param>
    /// <param name="boundaryShare">How thick boundaries are, as a share of the image's diagonal; null not to compare them.</param>
    public static QueryResult Measure(int classIndex, SegmentationMask? answer, SegmentationMask truth, double? boundaryShare = null)
    {
        var result = new QueryResult(
            classIndex, answer?.IntersectionArea(truth) ?? 0, answer?.UnionArea(truth) ?? truth.Area, IsFailed: answer is null)
        { IsAbsent = truth.Area == 0, IsEmpty = answer is { Area: 0 } };
        return boundaryShare is { } share
            ? result with { BoundaryIoU = answer?.Boundary(share).IntersectionOverUnion(truth.Boundary(share)) ?? 0 }
            : result;
    }

    /// <param name="answered">The answered objects; none for "there is nothing". Those of a failed answer do not matter.</param>
    public QueryResult WithObjects(IReadOnlyList<SegmentedObject> answered, IReadOnlyList<SegmentedObject> wanted, int width, int height)
    {
        var measured = new AnswerScorer().Measure([.. answered], [.. wanted], width, height);
        var failed = IsFailed || measured.IsFailed;
        return this with { IsCountRight = !failed && answered.Count == wanted.Count, MatchedBoxIoU = failed ? 0 : measured.BoxIoU };
    }
}
