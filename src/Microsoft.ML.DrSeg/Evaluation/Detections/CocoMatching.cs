namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>
/// Which detections find which objects, by the rules of COCO and LVIS: in the order of their scores, each detection takes the
/// free object that it overlaps most, if that reaches the threshold; objects that are ignored (crowds, and those outside the
/// range of areas) only where no other is left. Such a detection is ignored too, as is an unmatched one outside the range.
/// </summary>
internal static class CocoMatching
{
    // An overlap of exactly 1 must reach a threshold of 1 in spite of rounding.
    private const double HighestThreshold = 1 - 1e-10;

    /// <param name="group">Detections sorted.</param>
    /// <param name="isExhaustive">Whether every object of the category is annotated; if not, unmatched detections are ignored.</param>
    /// <param name="positives">For each range of areas, the objects to be found are added here.</param>
    public static Outcome[] Match(CategoryGroup group, DetectionCases cases, DetectionSettings settings, bool isExhaustive, Span<long> positives)
    {
        var (truth, objects, detections) = (group.Truth, group.Truth.Count, group.Detections.Count);
        var overlaps = group.Overlaps(settings.Overlap, settings.BoundaryShare);
        var (matched, ignored) = (new ulong[detections], new ulong[detections]);
        var order = new int[objects];
        var (isIgnored, isTaken) = (new bool[objects], new bool[objects]);
        for (var range = 0; range < cases.Ranges.Length; range++)
        {
            var wanted = 0;
            for (var i = 0; i < objects; i++)
                if (!(isIgnored[i] = truth[i].IsCrowd || !cases.IsInside(range, truth[i].Area)))
                    order[wanted++] = i;
            positives[range] += wanted;
            for (int i = 0, at = wanted; i < objects; i++)
                if (isIgnored[i])
                    order[at++] = i;

            for (var threshold = 0; threshold < cases.Thresholds.Length; threshold++)
            {
                var bit = 1UL << cases.Of(range, threshold);
                Array.Clear(isTaken);
                for (var detection = 0; detection < detections; detection++)
                {
                    var row = overlaps.AsSpan(detection * objects, objects);
                    var best = Best(row, order.AsSpan(0, wanted), cases.Thresholds[threshold], isTaken, truth);
                    if (best < 0)
                        best = Best(row, order.AsSpan(wanted), cases.Thresholds[threshold], isTaken, truth);
                    if (best >= 0)
                    {
                        isTaken[best] = true;
                        matched[detection] |= bit;
                    }
                    if (best >= 0 ? isIgnored[best] : !isExhaustive || !cases.IsInside(range, group.AreaOf(detection, settings.Overlap)))
                        ignored[detection] |= bit;
                }
            }
        }
        return [.. matched.Zip(ignored, (match, ignore) => new Outcome(match, ignore))];
    }

    // Among equal overlaps the later object wins, as in the tools.
    private static int Best(ReadOnlySpan<double> overlaps, ReadOnlySpan<int> candidates, double threshold, bool[] isTaken, IReadOnlyList<TrueObject> truth)
    {
        var best = -1;
        var least = Math.Min(threshold, HighestThreshold);
        foreach (var candidate in candidates)
        {
            if (overlaps[candidate] >= least && (!isTaken[candidate] || truth[candidate].IsCrowd))
                (best, least) = (candidate, overlaps[candidate]);
        }
        return best;
    }
}
