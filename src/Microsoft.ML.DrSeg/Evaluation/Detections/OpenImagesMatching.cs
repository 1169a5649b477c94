namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>
/// Which detections find which objects, by the rules of OpenImages: each detection stands for the one object that it
/// overlaps most, and finds it if no better detection has; it does not turn to another. What finds none may lie inside a
/// group-of object, of which the best such detection counts and the others are ignored. Where masks are compared, what is
/// left may lie on an object annotated with a box alone, and is ignored then, as there is no telling how good it is.
/// </summary>
internal static class OpenImagesMatching
{
    private const ulong Case = 1;
    private const double Threshold = .5;

    /// <param name="group">Detections sorted.</param>
    /// <param name="positives">The objects to be found are added to its only element.</param>
    public static Outcome[] Match(CategoryGroup group, DetectionSettings settings, Span<long> positives)
    {
        var (truth, overlap, groupsCount) = (group.Truth, settings.Overlap, settings.GroupsCount);
        var overlaps = group.Overlaps(overlap, settings.BoundaryShare);
        var outcomes = new Outcome[group.Detections.Count];
        var open = Enumerable.Repeat(true, outcomes.Length).ToArray();

        var individuals = Select(judged: true, isCrowd: false);
        var groups = Select(judged: true, isCrowd: true);
        positives[0] += individuals.Length + (groupsCount ? groups.Length : 0);
        Settle(individuals, whenFirst: new(Case, 0), whenLater: null);
        Settle(groups, whenFirst: groupsCount ? new(Case, 0) : Outcome.Dropped, whenLater: Outcome.Dropped);
        Settle(Select(judged: false, isCrowd: false), whenFirst: Outcome.Dropped, whenLater: null);
        Settle(Select(judged: false, isCrowd: true), whenFirst: Outcome.Dropped, whenLater: Outcome.Dropped);
        return outcomes;

        int[] Select(bool judged, bool isCrowd) =>
            [.. Enumerable.Range(0, truth.Count).Where(i => truth[i].IsCrowd == isCrowd && judged == (overlap == DetectionOverlap.Boxes || truth[i].Mask is not null))];

        // Null leaves a detection open to what comes next, and wrong in the end.
        void Settle(int[] objects, Outcome whenFirst, Outcome? whenLater)
        {
            var isTaken = new bool[truth.Count];
            for (var detection = 0; detection < outcomes.Length && objects.Length > 0; detection++)
            {
                var nearest = objects[0];
                foreach (var candidate in objects)
                    if (overlaps[detection * truth.Count + candidate] > overlaps[detection * truth.Count + nearest])
                        nearest = candidate;
                if (!open[detection] || overlaps[detection * truth.Count + nearest] < Threshold)
                    continue;
                if ((isTaken[nearest] ? whenLater : whenFirst) is { } outcome)
                    (outcomes[detection], open[detection]) = (outcome, false);
                isTaken[nearest] = true;
            }
        }
    }
}
