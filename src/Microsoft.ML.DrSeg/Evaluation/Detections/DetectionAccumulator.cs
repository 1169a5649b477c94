using Microsoft.ML.DrSeg.Datasets;

namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>
/// Matches detections with the truth, image by image, and keeps a record of 32 bytes a detection, from which
/// <see cref="DetectionMetrics"/> are computed in the end. Images may be added in any order, by several accumulators that are
/// merged afterwards: the figures are the same to the last bit. One accumulator serves one thread.
/// </summary>
internal sealed class DetectionAccumulator
{
    private readonly DetectionSettings _settings;
    private readonly DetectionCases _cases;
    private readonly List<(ImageId Image, long Row)> _parts = [];
    private readonly Dictionary<string, CategoryRecords> _categories = [];
    private readonly ConfusionCounts? _confusion;

    /// <param name="settings">How to measure; null for COCO's masks.</param>
    public DetectionAccumulator(DetectionSettings? settings = null)
    {
        _settings = settings ?? new();
        _cases = _settings.Check();
        _confusion = _settings.ConfusionScore is null ? null : new();
    }

    public void Add(DetectionImage image)
    {
        var part = _parts.Count;
        _parts.Add((image.Id, image.Row));
        _confusion?.Add(image, _settings);
        if (_settings.Protocol == DetectionProtocol.Panoptic)
        {
            PanopticMatching.Match(image, _settings, RecordsOf);
            return;
        }
        foreach (var (category, group) in Group(image, part))
        {
            group.SortDetections(_settings.LimitPerCategory);
            var records = RecordsOf(category);
            var outcomes = _settings.Protocol == DetectionProtocol.OpenImages
                ? OpenImagesMatching.Match(group, _settings, records.Positives)
                : CocoMatching.Match(group, _cases, _settings, IsExhaustive(image, category), records.Positives);
            records.Parts.Add(part);
            for (var i = 0; i < outcomes.Length; i++)
            {
                var (detection, position) = group.Detections[i];
                records.Detections.Add(new(detection.Score, part, position, outcomes[i]));
            }
        }
    }

    public void Merge(DetectionAccumulator other)
    {
        var offset = _parts.Count;
        _parts.AddRange(other._parts);
        foreach (var (category, records) in other._categories)
            RecordsOf(category).Merge(records, offset);
        _confusion?.Merge(other._confusion!);
    }

    public DetectionMetrics Complete()
    {
        var images = RankImages();
        CheckWhole(images);
        foreach (var (category, records) in _categories)
            CheckDistinct(category, records, images);
        var isPanoptic = _settings.Protocol == DetectionProtocol.Panoptic;
        var figures = InOrder(_categories.Where(pair => isPanoptic ? pair.Value.Panoptic.Segments > 0 : pair.Value.Positives[0] > 0).Select(pair => pair.Key))
            .Select(name => new CategoryFigures(name, _categories[name], _cases, _settings)).ToArray();
        (double F1, double Score)? best = null;
        if (!isPanoptic)
        {
            var limits = _settings.LimitPerImage == int.MaxValue ? [] : _settings.Maxima.Append(_settings.LimitPerImage).Distinct()
                .ToDictionary(limit => limit, limit => DetectionLimit.FindDropped(_categories, images, limit));
            var judged = new (double[] Scores, bool[] AreRight)[figures.Length];
            Parallel.For(0, figures.Length, i => judged[i] = figures[i].Compute(_categories[figures[i].Name], images, limits));
            best = CategoryFigures.BestF1(judged, figures.Sum(one => one.Objects));
        }
        return new DetectionMetrics(_settings, _cases, images.Distinct().Count(), figures, best, _confusion?.Complete(InOrder));
    }

    private static IEnumerable<string> InOrder(IEnumerable<string> categories) => categories.OrderBy(name => new ImageId(name));

    private Dictionary<string, CategoryGroup> Group(DetectionImage image, int part)
    {
        var groups = new Dictionary<string, CategoryGroup>();
        var verified = new HashSet<string>();
        foreach (var truth in image.Truth)
            foreach (var category in WithAbove(truth.Category))
                GroupOf(category).Add(truth);
        if (_settings.IsFederated)
        {
            verified.UnionWith(groups.Keys);
            verified.UnionWith(image.PresentCategories.SelectMany(WithAbove));
            verified.UnionWith(image.AbsentCategories.SelectMany(category => (_settings.Hierarchy?.Below(category) ?? []).Append(category)));
        }
        for (var i = 0; i < image.Detections.Count; i++)
        {
            var detection = image.Detections[i];
            foreach (var category in _settings.ExpandDetections ? WithAbove(detection.Category) : [detection.Category])
            {
                if (!_settings.IsFederated || verified.Contains(category))
                    GroupOf(category).Add(detection, i);
                else
                    // It is not judged, but LVIS' tool counts it among those that an image may have.
                    RecordsOf(category).Detections.Add(new(detection.Score, part, i, Outcome.Dropped));
            }
        }
        return groups;

        CategoryGroup GroupOf(string category)
        {
            if (!groups.TryGetValue(category, out var group))
                groups.Add(category, group = new());
            return group;
        }
    }

    private IEnumerable<string> WithAbove(string category) => (_settings.Hierarchy?.Above(category) ?? []).Append(category);

    private bool IsExhaustive(DetectionImage image, string category) =>
        _settings.Protocol != DetectionProtocol.Lvis || !image.NonExhaustiveCategories.Contains(category);

    private CategoryRecords RecordsOf(string category)
    {
        if (!_categories.TryGetValue(category, out var records))
            _categories.Add(category, records = new(_cases.Ranges.Length));
        return records;
    }

    // A number for each part that puts images in the order of their ids, by which ties go; the same for all parts of an image.
    private int[] RankImages()
    {
        var order = Enumerable.Range(0, _parts.Count).ToArray();
        Array.Sort(order, (a, b) => _parts[a].Image.CompareTo(_parts[b].Image));
        var ranks = new int[_parts.Count];
        for (var i = 1; i < order.Length; i++)
            ranks[order[i]] = ranks[order[i - 1]] + (_parts[order[i]].Image == _parts[order[i - 1]].Image ? 0 : 1);
        return ranks;
    }

    private void CheckWhole(int[] images)
    {
        // Along a hierarchy those of one category are told apart below.
        if (!_settings.WantsWholeImages || _settings.Hierarchy is not null)
            return;
        foreach (var again in Enumerable.Range(0, images.Length).GroupBy(part => images[part]).Where(parts => parts.Skip(1).Any()))
        {
            var rows = again.Select(part => _parts[part].Row).Order().ToArray();
            throw new InvalidOperationException($"Image {_parts[again.First()].Image} stands in row {rows[0]} and again in row {rows[1]}; panoptic quality and confusions are about all objects of an image at once. Put them into one row.");
        }
    }

    private void CheckDistinct(string category, CategoryRecords records, int[] images)
    {
        var seen = new Dictionary<int, int>(records.Parts.Count);
        foreach (var part in records.Parts)
        {
            if (!seen.TryAdd(images[part], part))
            {
                var rows = new[] { _parts[part].Row, _parts[seen[images[part]]].Row }.Order().ToArray();
                throw new InvalidOperationException(
                    $"Image {_parts[part].Image} has the category '{category}' in row {rows[0]} and again in row {rows[1]}; detections are matched with all objects of a category at once. Put them into one row{(_settings.Hierarchy is null ? "" : "; along a hierarchy, all objects of the image")}.");
            }
        }
    }
}
