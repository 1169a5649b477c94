namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>
/// How often objects of one category were detected as another. Whatever their categories, the object and the detection that
/// overlap most are a pair, then the two that do among the others, down to an IoU of a half (as the detector YOLOv5's
/// confusion matrix, but for its .45); among equal overlaps the higher score comes first. What is left over was taken for nothing,
/// or made of nothing. Crowds are neither: a detection that lies in one of its own category by half is passed over.
/// </summary>
internal sealed class ConfusionCounts
{
    public const string Nothing = "(nothing)";

    private const double LeastOverlap = .5;

    private readonly Dictionary<(string True, string Predicted), long> _counts = [];

    public void Add(DetectionImage image, DetectionSettings settings)
    {
        var single = new CategoryGroup();
        foreach (var truth in image.Truth)
            single.Add(truth);
        for (var i = 0; i < image.Detections.Count; i++)
            if (image.Detections[i].Score >= settings.ConfusionScore)
                single.Add(image.Detections[i], i);
        single.SortDetections(int.MaxValue);
        var (truths, detections, overlaps) = (single.Truth, single.Detections, single.Overlaps(settings.Overlap, settings.BoundaryShare));
        var (isTaken, isUsed) = (new bool[truths.Count], new bool[detections.Count]);
        foreach (var at in Enumerable.Range(0, overlaps.Length).Where(at => overlaps[at] >= LeastOverlap).OrderByDescending(at => overlaps[at]))
        {
            var (detection, truth) = (at / truths.Count, at % truths.Count);
            if (isUsed[detection] || isTaken[truth] || truths[truth].IsCrowd)
                continue;
            isUsed[detection] = isTaken[truth] = true;
            Count(truths[truth].Category, detections[detection].Detection.Category);
        }
        for (var i = 0; i < truths.Count; i++)
            if (!isTaken[i] && !truths[i].IsCrowd)
                Count(truths[i].Category, Nothing);
        for (var i = 0; i < detections.Count; i++)
        {
            var category = detections[i].Detection.Category;
            if (!isUsed[i] && !Enumerable.Range(0, truths.Count).Any(j => truths[j].IsCrowd && truths[j].Category == category && overlaps[i * truths.Count + j] >= LeastOverlap))
                Count(Nothing, category);
        }
    }

    public void Merge(ConfusionCounts other)
    {
        foreach (var ((truth, predicted), count) in other._counts)
            Count(truth, predicted, count);
    }

    /// <summary>The categories that occur, in their order, and nothing last.</summary>
    public ConfusionMatrix Complete(Func<IEnumerable<string>, IEnumerable<string>> order)
    {
        string[] names = [.. order(_counts.Keys.SelectMany(pair => new[] { pair.True, pair.Predicted }).Where(name => name != Nothing).Distinct()), Nothing];
        return new(names, [.. names.Select(truth => (IReadOnlyList<long>)[.. names.Select(predicted => _counts.GetValueOrDefault((truth, predicted)))])]);
    }

    private void Count(string truth, string predicted, long count = 1) => _counts[(truth, predicted)] = _counts.GetValueOrDefault((truth, predicted)) + count;
}
