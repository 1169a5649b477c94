using System.Globalization;

namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>The figures of one category.</summary>
/// <param name="Category">Its name.</param>
/// <param name="AveragePrecision">Over the IoU thresholds; null for OpenImages and panoptic quality.</param>
/// <param name="AveragePrecision50">At IoU .5.</param>
/// <param name="ObjectCount">Objects to be found.</param>
public sealed record CategoryPrecision(string Category, double? AveragePrecision, double? AveragePrecision50, long ObjectCount)
{
    /// <summary>Share of the objects that is found, over the IoU thresholds, by as many detections as count.</summary>
    public double? AverageRecall { get; init; }

    /// <summary>The largest F1 at IoU .5, as <see cref="DetectionMetrics.F1"/>; null without detections.</summary>
    public double? F1 { get; init; }

    /// <summary>The score from which on detections give <see cref="F1"/>.</summary>
    public double? BestScore { get; init; }

    /// <summary>Panoptic quality, and the segmentation and recognition quality that it is the product of.</summary>
    public (double Panoptic, double Segmentation, double Recognition)? Quality { get; init; }
}

/// <summary>
/// What detections are worth: average precision (AP) and recall (AR), each figure the mean over the categories that have
/// something to be found, in [0, 1]; or panoptic quality. Null where no category has, and where the protocol does not know the figure.
/// <see cref="ToString()"/> gives them as a table. What they mean is told by <see cref="DetectionProtocol"/>.
/// </summary>
/// <remarks>
/// AR is the share of the objects that is found when as many detections count, however many are wrong: the mean over IoU
/// thresholds, then categories (Hosang et al., arXiv 1502.05082; <c>cocoeval.py</c>).
/// </remarks>
public sealed class DetectionMetrics
{
    private readonly DetectionCases _cases;
    private readonly CategoryFigures[] _figures;
    private readonly ConfusionMatrix? _confusion;

    /// <param name="cases">What the figures of a category are of.</param>
    /// <param name="figures">Of the categories with something to be found, in their order.</param>
    /// <param name="best">The largest F1 of all categories together, and the score that it begins at.</param>
    internal DetectionMetrics(DetectionSettings settings, DetectionCases cases, int imageCount, CategoryFigures[] figures, (double F1, double Score)? best, ConfusionMatrix? confusion)
    {
        (Settings, _cases, ImageCount, _figures, _confusion) = (settings, cases, imageCount, figures, confusion);
        (F1, BestScore) = (best?.F1, best?.Score);
        Categories = [.. figures.Select(one => new CategoryPrecision(one.Name, Averaged(Mean([one], one => one.Precisions)), Mean([one], one => one.Precisions, threshold: .5), one.Objects)
        {
            AverageRecall = MeanRecall([one]),
            F1 = one.Best?.F1,
            BestScore = one.Best?.Score,
            Quality = one.Panoptic.Quality,
        })];
        if (settings.Protocol == DetectionProtocol.Panoptic)
        {
            var stuff = settings.Stuff?.ToHashSet() ?? [];
            (Quality, ThingQuality, StuffQuality) = (MeanQuality(figures), MeanQuality(figures.Where(one => !stuff.Contains(one.Name))), MeanQuality(figures.Where(one => stuff.Contains(one.Name))));
            return;
        }
        if (settings.Protocol == DetectionProtocol.Lvis && settings.Frequencies is { } frequencies)
        {
            RareAveragePrecision = Mean(Of(CategoryFrequency.Rare), one => one.Precisions);
            CommonAveragePrecision = Mean(Of(CategoryFrequency.Common), one => one.Precisions);
            FrequentAveragePrecision = Mean(Of(CategoryFrequency.Frequent), one => one.Precisions);

            CategoryFigures[] Of(CategoryFrequency frequency) => [.. figures.Where(one => frequencies.TryGetValue(one.Name, out var found) && found == frequency)];
        }
    }

    /// <summary>How it was measured.</summary>
    public DetectionSettings Settings { get; }

    /// <summary>Number of images.</summary>
    public int ImageCount { get; }

    /// <summary>AP: mean over the IoU thresholds, .50:.05:.95. COCO and LVIS.</summary>
    public double? AveragePrecision => Averaged(AveragePrecisionOf());

    /// <summary>AP50: at IoU .5; OpenImages' mAP@.5.</summary>
    public double? AveragePrecision50 => AveragePrecisionOf(threshold: .5);

    /// <summary>AP75: at IoU .75. COCO and LVIS.</summary>
    public double? AveragePrecision75 => AveragePrecisionOf(threshold: .75);

    /// <summary>APs: of objects with an annotated area of at most 32 x 32 pixels. COCO and LVIS.</summary>
    public double? SmallAveragePrecision => AveragePrecisionOf(DetectionCases.Small);

    /// <summary>APm: of objects between 32 x 32 and 96 x 96 pixels, both inside. COCO and LVIS.</summary>
    public double? MediumAveragePrecision => AveragePrecisionOf(DetectionCases.Medium);

    /// <summary>APl: of objects of at least 96 x 96 pixels. COCO and LVIS.</summary>
    public double? LargeAveragePrecision => AveragePrecisionOf(DetectionCases.Large);

    /// <summary>APr: over the rare categories. LVIS.</summary>
    public double? RareAveragePrecision { get; }

    /// <summary>APc: over the common categories. LVIS.</summary>
    public double? CommonAveragePrecision { get; }

    /// <summary>APf: over the frequent categories. LVIS.</summary>
    public double? FrequentAveragePrecision { get; }

    /// <summary>AR with as many detections as <see cref="DetectionSettings.RecallMaxima"/> allows at most: AR@100 of COCO, AR@300 of LVIS.</summary>
    public double? AverageRecall => AverageRecallOf();

    /// <summary>
    /// The largest F1 = 2 x right / (detections + objects), the harmonic mean of precision and recall, that a common score for all
    /// categories to begin at gives, at IoU .5 (at the lowest threshold where .5 is none), in all sizes; objects and detections of
    /// all categories with something to be found together.
    /// </summary>
    public double? F1 { get; }

    /// <summary>The score from which on detections give <see cref="F1"/>, itself inside; the highest where several do.</summary>
    public double? BestScore { get; }

    /// <summary>PQ, SQ and RQ: means over the categories that occur in the truth or in a prediction.</summary>
    public (double Panoptic, double Segmentation, double Recognition)? Quality { get; }

    /// <summary>The same over things alone.</summary>
    public (double Panoptic, double Segmentation, double Recognition)? ThingQuality { get; }

    /// <summary>The same over <see cref="DetectionSettings.Stuff"/> alone.</summary>
    public (double Panoptic, double Segmentation, double Recognition)? StuffQuality { get; }

    /// <summary>Each category with an object to be found, in the order of their names (numbers by their value).</summary>
    public IReadOnlyList<CategoryPrecision> Categories { get; }

    /// <summary>
    /// How many objects of each category (rows) were detected as each (columns) with <see cref="DetectionSettings.ConfusionScore"/>, in the order of
    /// <see cref="ConfusionNames"/>, the last of which is nothing. Object and detection are a pair by their IoU alone, at least .5, the largest
    /// first. Null where no such score was given.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<long>>? Confusion => _confusion?.Counts;

    /// <summary>What rows and columns of <see cref="Confusion"/> are.</summary>
    public IReadOnlyList<string>? ConfusionNames => _confusion?.Names;

    /// <summary>AP in one range of areas or at one IoU threshold.</summary>
    /// <param name="areaRange">"all", or a name of <see cref="DetectionSettings.AreaRanges"/>.</param>
    /// <param name="threshold">One of the IoU thresholds; null for the mean over all.</param>
    /// <returns>Null where there is nothing to be found, or no such range or threshold.</returns>
    public double? AveragePrecisionOf(string areaRange = DetectionCases.All, double? threshold = null) => Mean(_figures, one => one.Precisions, areaRange, threshold);

    /// <summary>AR in one range of areas, or with one number of detections.</summary>
    /// <param name="areaRange">"all", or a name of <see cref="DetectionSettings.AreaRanges"/>.</param>
    /// <param name="maximum">One of <see cref="DetectionSettings.RecallMaxima"/>; null for the largest.</param>
    /// <param name="threshold">One of the IoU thresholds; null for the mean over all.</param>
    /// <returns>Null where there is nothing to be found, or no such range, number or threshold.</returns>
    public double? AverageRecallOf(string areaRange = DetectionCases.All, int? maximum = null, double? threshold = null) => MeanRecall(_figures, areaRange, maximum, threshold);

    /// <summary>Writes <see cref="Confusion"/>: a picture (.svg), each row coloured by its shares, or numbers (.csv).</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public void SaveConfusion(string path) =>
        (_confusion ?? throw new InvalidOperationException($"There is no confusion matrix; set {nameof(DetectionSettings)}.{nameof(DetectionSettings.ConfusionScore)}.")).Save(path);

    /// <summary>The figures that the protocol knows, as a table of plain text, without those of the categories.</summary>
    public override string ToString() => Table().ToString(withClasses: false);

    /// <summary>The figures, and those of each category, as tables of plain text.</summary>
    public string ToText() => Table().ToString();

    /// <summary>The figures of each category as comma-separated values (RFC 4180).</summary>
    public string ToCsv() => Table().ToCsv();

    /// <summary>The figures, and those of each category, as JSON.</summary>
    public string ToJson() => Table().ToJson();

    private FigureTable Table()
    {
        var table = new FigureTable(string.Create(CultureInfo.InvariantCulture, $"{Settings.Protocol} {Settings.Overlap.ToString().ToLowerInvariant()}, {ImageCount} images, {Categories.Count} categories"));
        const string OfEach = "Each category";
        if (Settings.Protocol == DetectionProtocol.Panoptic)
        {
            foreach (var (name, quality) in new[] { ("", Quality), (" things", ThingQuality), (" stuff", StuffQuality) })
                table.Add($"PQ{name}", quality?.Panoptic).Add($"SQ{name}", quality?.Segmentation).Add($"RQ{name}", quality?.Recognition);
            return table.Classes(OfEach, ["PQ", "SQ", "RQ"], Categories.Select(one => (one.Category, new[] { one.Quality?.Panoptic, one.Quality?.Segmentation, one.Quality?.Recognition })));
        }
        if (Settings.Protocol == DetectionProtocol.OpenImages)
            return table.Add("AP@.5", AveragePrecision50).Add("F1", F1).Add("F1 from score", BestScore)
                .Classes(OfEach, ["AP@.5", "F1", "score", "objects"], Categories.Select(one => (one.Category, new[] { one.AveragePrecision50, one.F1, one.BestScore, one.ObjectCount })));

        table.Add("AP", AveragePrecision);
        foreach (var threshold in Settings.Thresholds ?? [.5, .75])
            table.Add(string.Create(CultureInfo.InvariantCulture, $"AP{100 * threshold:0.##}"), AveragePrecisionOf(threshold: threshold));
        foreach (var (range, _, _) in _cases.Ranges.Skip(1))
            table.Add($"AP {range}", AveragePrecisionOf(range));
        if (Settings.Protocol == DetectionProtocol.Lvis)
            table.Add("AP rare", RareAveragePrecision).Add("AP common", CommonAveragePrecision).Add("AP frequent", FrequentAveragePrecision);
        foreach (var maximum in Settings.Maxima)
            table.Add(string.Create(CultureInfo.InvariantCulture, $"AR@{maximum}"), AverageRecallOf(maximum: maximum));
        foreach (var (range, _, _) in _cases.Ranges.Skip(1))
            table.Add($"AR {range}", AverageRecallOf(range));
        return table.Add("F1", F1).Add("F1 from score", BestScore).Classes(OfEach, ["AP", "AP50", "AR", "F1", "score", "objects"],
            Categories.Select(one => (one.Category, new[] { one.AveragePrecision, one.AveragePrecision50, one.AverageRecall, one.F1, one.BestScore, one.ObjectCount })));
    }

    private double? Averaged(double? value) => Settings.Protocol is DetectionProtocol.Coco or DetectionProtocol.Lvis ? value : null;

    private double? MeanRecall(IReadOnlyList<CategoryFigures> chosen, string areaRange = DetectionCases.All, int? maximum = null, double? threshold = null)
    {
        var maxima = Settings.Maxima;
        var at = maxima.Count == 0 ? -1 : maxima.ToList().IndexOf(maximum ?? maxima.Max());
        return at < 0 ? null : Mean(chosen, one => one.Recalls[at], areaRange, threshold);
    }

    private double? Mean(IReadOnlyList<CategoryFigures> chosen, Func<CategoryFigures, double?[]> of, string areaRange = DetectionCases.All, double? threshold = null)
    {
        var (range, only) = (_cases.RangeOf(areaRange), threshold is { } value ? _cases.ThresholdAt(value) : 0);
        if (range < 0 || only < 0 || Settings.Protocol == DetectionProtocol.Panoptic)
            return null;
        return chosen.SelectMany(one => of(one).AsSpan(_cases.Of(range, only), threshold is null ? _cases.Thresholds.Length : 1).ToArray()).Average();
    }

    private static (double Panoptic, double Segmentation, double Recognition)? MeanQuality(IEnumerable<CategoryFigures> figures)
    {
        (double Panoptic, double Segmentation, double Recognition)[] all = [.. figures.Select(one => one.Panoptic.Quality!.Value)];
        return all.Length == 0 ? null : (all.Average(one => one.Panoptic), all.Average(one => one.Segmentation), all.Average(one => one.Recognition));
    }
}
