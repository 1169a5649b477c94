using System.Globalization;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>
/// The usual figures of language-guided segmentation over a set of queries; all in [0, 1]. Failed answers count as 0 and
/// are never left out. <see cref="ToString"/> gives them as a table.
/// </summary>
public sealed record SegmentationMetrics
{
    internal SegmentationMetrics()
    {
    }

    /// <summary>The IoUs that <see cref="PrecisionAt"/> asks for: .5, .6, .7, .8, .9.</summary>
    public static IReadOnlyList<double> PrecisionThresholds { get; } = [.5, .6, .7, .8, .9];

    /// <summary>Number of queries.</summary>
    public required long QueryCount { get; init; }

    /// <summary>gIoU: the mean of the IoU of each query (GRES, arXiv 2306.00968, section 5); nothing wanted and nothing given counts 1.</summary>
    public required double GeneralizedIoU { get; init; }

    /// <summary>cIoU: all intersections over all unions (GRES, arXiv 2306.00968, section 5), which favours large objects; 1 where every union is empty.</summary>
    public required double CumulativeIoU { get; init; }

    /// <summary>
    /// mIoU: areas summed for each class, their IoU, and the mean over the classes that occur (PASCAL VOC; Everingham et
    /// al. 2015, section 4.2). A class without a pixel in any answer or truth is left out; 1 where that leaves none.
    /// </summary>
    public required double MeanIoU { get; init; }

    /// <summary>Mean of the Dice coefficient of each query (Dice 1945); nothing wanted and nothing given counts 1.</summary>
    public required double Dice { get; init; }

    /// <summary>
    /// Mean over the queries of the IoU of the boundaries (Boundary IoU; Cheng et al., arXiv 2103.16562): of the pixels of each
    /// mask that are near its outline, or near the image's border. 1 where both masks are empty, 0 for a failed answer; null
    /// where it was not measured.
    /// </summary>
    public required double? BoundaryIoU { get; init; }

    /// <summary>Share of queries whose IoU is at least each of <see cref="PrecisionThresholds"/> (RefCOCO's Pr@X; Mao et al., arXiv 1511.02283).</summary>
    public required IReadOnlyList<double> PrecisionAt { get; init; }

    /// <summary>Share of queries whose IoU is at least .5.</summary>
    public double PrecisionAtHalf => PrecisionAt[0];

    /// <summary>Share of answers that could not be parsed.</summary>
    public required double FailedShare { get; init; }

    /// <summary>Number of queries for what is not there.</summary>
    public required long AbsentCount { get; init; }

    /// <summary>
    /// Share of the queries for what is not there that were answered with nothing (N-acc. of GRES, arXiv 2306.00968,
    /// section 5; a failed answer is wrong); null where there are none.
    /// </summary>
    public required double? AbsentAccuracy { get; init; }

    /// <summary>
    /// Share of the queries for what is there that were answered with something, right or wrong (T-acc. of GRES, arXiv
    /// 2306.00968, section 5; a failed answer is wrong); null where there are none.
    /// </summary>
    public required double? PresentAccuracy { get; init; }

    /// <summary>Share of queries, those for what is not there included, that were answered with as many objects as there are; null where objects were not counted.</summary>
    public required double? CountAccuracy { get; init; }

    /// <summary>
    /// Mean over the queries for what is there of the mean IoU of the boxes of answered objects and of the true ones that they
    /// stand for: 0 for a failed answer and for one without objects. Objects too many or too few lower
    /// <see cref="CountAccuracy"/> alone. Null where it was not measured.
    /// </summary>
    public required double? MatchedBoxIoU { get; init; }

    /// <summary>The IoU of each class by its index; null for a class left out of <see cref="MeanIoU"/>.</summary>
    public required IReadOnlyList<double?> ClassIoU { get; init; }

    /// <summary>The name of each class by its index; null where they have none.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    internal static SegmentationMetrics From(ReadOnlySpan<QueryResult> results)
    {
        if (results.IsEmpty)
            throw new ArgumentException("There are no queries to evaluate; give at least one result.", nameof(results));
        var sums = new SegmentationAccumulator();
        foreach (ref readonly var result in results)
            sums.Add(result);
        return sums.Complete();
    }

    /// <summary>The figures as a table of plain text, the classes last where they have names.</summary>
    public override string ToString() => Table().ToString();

    /// <summary>The IoU of each named class as comma-separated values (RFC 4180).</summary>
    public string ToCsv() => Table().ToCsv();

    /// <summary>The figures, and the IoU of each named class, as JSON.</summary>
    public string ToJson() => Table().ToJson();

    private FigureTable Table()
    {
        var table = new FigureTable(string.Create(CultureInfo.InvariantCulture, $"{QueryCount} queries"))
            .Add("mIoU", MeanIoU)
            .Add("gIoU", GeneralizedIoU)
            .Add("cIoU", CumulativeIoU)
            .Add("Dice", Dice)
            .Add("Boundary IoU", BoundaryIoU);
        for (var i = 0; i < PrecisionAt.Count; i++)
            table.Add(string.Create(CultureInfo.InvariantCulture, $"Precision at IoU {PrecisionThresholds[i]:0.0}"), PrecisionAt[i]);
        if (CountAccuracy is not null)
            table.Add("Count of objects right", CountAccuracy).Add("IoU of matched boxes", MatchedBoxIoU);
        return table
            .Add("Failed answers", FailedShare)
            .Add(string.Create(CultureInfo.InvariantCulture, $"Accuracy on {AbsentCount} absent objects"), AbsentAccuracy)
            .Add(string.Create(CultureInfo.InvariantCulture, $"Accuracy on {QueryCount - AbsentCount} present objects"), PresentAccuracy)
            .Classes("IoU of each class", ["IoU"], (ClassNames ?? []).Take(ClassIoU.Count).Select((name, i) => (name, new[] { ClassIoU[i] })));
    }
}
