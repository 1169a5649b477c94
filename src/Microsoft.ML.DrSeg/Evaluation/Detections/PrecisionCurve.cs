namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>
/// Average precision of ranked detections: precision and recall after each right one, precision raised to the best at any
/// higher recall, and its average over recall.
/// </summary>
internal static class PrecisionCurve
{
    private const int RecallPoints = 101;

    /// <summary>Average over the recalls 0, .01, ..., 1 (COCO). The recalls are rounded as COCO's tool rounds them.</summary>
    /// <param name="ranks">For each right detection, its rank from 1 among those that count; ascending.</param>
    /// <param name="positives">Objects to be found, at least 1.</param>
    public static double AverageAt101Recalls(ReadOnlySpan<int> ranks, long positives)
    {
        var precisions = Envelope(ranks);
        var sum = 0.0;
        var found = 1;
        for (var point = 0; point < RecallPoints; point++)
        {
            while (found <= precisions.Length && (double)found / positives < point * .01)
                found++;
            if (found > precisions.Length)
                break;
            sum += precisions[found - 1];
        }
        return sum / RecallPoints;
    }

    /// <summary>Area under the curve (PASCAL VOC since 2010, OpenImages).</summary>
    /// <inheritdoc cref="AverageAt101Recalls"/>
    public static double Area(ReadOnlySpan<int> ranks, long positives)
    {
        var sum = 0.0;
        foreach (var precision in Envelope(ranks))
            sum += precision;
        return sum / positives;
    }

    private static double[] Envelope(ReadOnlySpan<int> ranks)
    {
        var precisions = new double[ranks.Length];
        var best = 0.0;
        for (var i = ranks.Length - 1; i >= 0; i--)
            precisions[i] = best = Math.Max(best, (i + 1.0) / ranks[i]);
        return precisions;
    }
}
