using Microsoft.ML.DrSeg.Data;

namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>How the answer to one query overlaps the truth, in areas, so that every average can be taken later.</summary>
/// <param name="ClassIndex">The class (noun) that the query names, from 0.</param>
/// <param name="Intersection">Pixels in both masks.</param>
/// <param name="Union">Pixels in either mask.</param>
/// <param name="IsFailed">Whether the answer could not be parsed; it then counts 0, even where nothing was wanted.</param>
public readonly record struct QueryResult(int ClassIndex, long Intersection, long Union, bool IsFailed = false)
{
    /// <summary>Intersection over union, in [0, 1]: 1 where nothing was wanted and nothing given, 0 for a failed answer.</summary>
    public double IntersectionOverUnion => IsFailed ? 0 : Union == 0 ? 1 : (double)Intersection / Union;

    /// <summary>Compares an answer with the truth.</summary>
    /// <param name="classIndex">The class that the query names, from 0.</param>
    /// <param name="answer">The answered mask; null for a failed answer, which misses every wanted pixel.</param>
    /// <param name="truth">The true mask, of the same size.</param>
    /// <exception cref="ArgumentException">The masks differ in size.</exception>
    public static QueryResult Measure(int classIndex, SegmentationMask? answer, SegmentationMask truth)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(classIndex);
        ArgumentNullException.ThrowIfNull(truth);
        return answer is null
            ? new(classIndex, 0, truth.Area, IsFailed: true)
            : new(classIndex, answer.IntersectionArea(truth), answer.UnionArea(truth));
    }
}
