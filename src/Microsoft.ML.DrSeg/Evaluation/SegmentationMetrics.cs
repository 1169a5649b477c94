namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>
/// The usual figures of language-guided segmentation over a set of queries; all in [0, 1]. Failed answers count as 0 and
/// are never left out.
/// </summary>
/// <remarks>
/// They are computed from the per-query results as a whole: an evaluation that runs in parallel lets every query write its
/// own place of an array, and neither threads nor merges can change a figure.
/// </remarks>
public sealed record SegmentationMetrics
{
    private SegmentationMetrics()
    {
    }

    /// <summary>Number of queries.</summary>
    public required int QueryCount { get; init; }

    /// <summary>gIoU: the mean of the IoU of each query (GRES, arXiv 2306.00968, section 5); nothing wanted and nothing given counts 1.</summary>
    public required double GeneralizedIoU { get; init; }

    /// <summary>cIoU: all intersections over all unions (GRES, arXiv 2306.00968, section 5), which favours large objects; 1 where every union is empty.</summary>
    public required double CumulativeIoU { get; init; }

    /// <summary>
    /// mIoU: areas summed for each class, their IoU, and the mean over the classes that occur (PASCAL VOC; Everingham et
    /// al. 2015, section 4.2). A class without a pixel in any answer or truth is left out; 1 where that leaves none.
    /// </summary>
    public required double MeanIoU { get; init; }

    /// <summary>Share of queries whose IoU is at least .5.</summary>
    public required double PrecisionAtHalf { get; init; }

    /// <summary>Share of answers that could not be parsed.</summary>
    public required double FailedShare { get; init; }

    /// <summary>The IoU of each class by its index; null for a class left out of <see cref="MeanIoU"/>.</summary>
    public required IReadOnlyList<double?> ClassIoU { get; init; }

    /// <summary>Computes the figures.</summary>
    /// <param name="results">One result a query.</param>
    /// <exception cref="ArgumentException">There is no query, or a result is impossible: a negative class, an intersection larger than its union.</exception>
    public static SegmentationMetrics From(ReadOnlySpan<QueryResult> results)
    {
        if (results.IsEmpty)
            throw new ArgumentException("There are no queries to evaluate; give at least one result.", nameof(results));
        var areas = ClassAreas(results);

        long intersection = 0, union = 0;
        int atHalf = 0, failed = 0;
        var sum = 0.0;
        foreach (ref readonly var result in results)
        {
            intersection += result.IsFailed ? 0 : result.Intersection;
            union += result.Union;
            sum += result.IntersectionOverUnion;
            atHalf += result.IntersectionOverUnion >= 0.5 ? 1 : 0;
            failed += result.IsFailed ? 1 : 0;
        }
        double?[] classes = [.. areas.Select(area => area.Union == 0 ? (double?)null : (double)area.Intersection / area.Union)];
        return new SegmentationMetrics
        {
            QueryCount = results.Length,
            GeneralizedIoU = sum / results.Length,
            CumulativeIoU = union == 0 ? 1 : (double)intersection / union,
            MeanIoU = classes.Average() ?? 1,
            PrecisionAtHalf = (double)atHalf / results.Length,
            FailedShare = (double)failed / results.Length,
            ClassIoU = classes,
        };
    }

    private static (long Intersection, long Union)[] ClassAreas(ReadOnlySpan<QueryResult> results)
    {
        var classes = 0;
        for (var i = 0; i < results.Length; i++)
        {
            var (index, shared, joint, _) = results[i];
            if (index < 0 || shared < 0 || shared > joint)
                throw new ArgumentException($"Result {i} has class {index}, intersection {shared} and union {joint}; the class must not be negative and the intersection lie between 0 and the union.", nameof(results));
            classes = Math.Max(classes, index + 1);
        }
        var areas = new (long Intersection, long Union)[classes];
        foreach (ref readonly var result in results)
        {
            ref var area = ref areas[result.ClassIndex];
            area.Intersection += result.IsFailed ? 0 : result.Intersection;
            area.Union += result.Union;
        }
        return areas;
    }
}
