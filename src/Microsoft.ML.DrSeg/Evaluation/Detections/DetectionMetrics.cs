using System.Globalization;

namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>Average precision of one category.</summary>
/// <param name="Category">Its name.</param>
/// <param name="AveragePrecision">Over IoU .5 to .95; null for OpenImages.</param>
/// <param name="AveragePrecision50">At IoU .5.</param>
/// <param name="ObjectCount">Objects to be found.</param>
public sealed record CategoryPrecision(string Category, double? AveragePrecision, double? AveragePrecision50, long ObjectCount);

/// <summary>
/// Average precision (AP) of detections, each figure the mean over the categories that have something to be found, in
/// [0, 1]; null where no category has, and where the protocol does not know the figure. <see cref="ToString"/> gives them as a
/// table. What they mean is told by <see cref="DetectionProtocol"/>.
/// </summary>
public sealed class DetectionMetrics
{
    /// <param name="cases">What the precisions of a category are of.</param>
    /// <param name="categories">Those with something to be found, by name.</param>
    /// <param name="precisions">For each category, its AP in each case; null where there is nothing to be found.</param>
    /// <param name="objectCounts">For each category, the objects to be found.</param>
    internal DetectionMetrics(
        DetectionSettings settings, DetectionCases cases, int imageCount, string[] categories, double?[][] precisions, long[] objectCounts)
    {
        (Settings, ImageCount) = (settings, imageCount);
        int[] all = [.. Enumerable.Range(0, categories.Length)];
        int half = ThresholdAt(.5), threeQuarters = ThresholdAt(.75);
        AveragePrecision50 = Mean(all, 0, half);
        if (settings.Protocol != DetectionProtocol.OpenImages)
        {
            AveragePrecision = Mean(all, 0);
            AveragePrecision75 = Mean(all, 0, threeQuarters);
            (SmallAveragePrecision, MediumAveragePrecision, LargeAveragePrecision) = (Mean(all, 1), Mean(all, 2), Mean(all, 3));
        }
        if (settings.Protocol == DetectionProtocol.Lvis && settings.Frequencies is { } frequencies)
        {
            RareAveragePrecision = Mean(Of(CategoryFrequency.Rare), 0);
            CommonAveragePrecision = Mean(Of(CategoryFrequency.Common), 0);
            FrequentAveragePrecision = Mean(Of(CategoryFrequency.Frequent), 0);

            int[] Of(CategoryFrequency frequency) => [.. all.Where(i => frequencies.TryGetValue(categories[i], out var found) && found == frequency)];
        }
        Categories = [.. all.Select(i => new CategoryPrecision(
            categories[i], settings.Protocol == DetectionProtocol.OpenImages ? null : Mean([i], 0), Mean([i], 0, half), objectCounts[i]))];

        int ThresholdAt(double value) => Array.FindIndex(cases.Thresholds, threshold => Math.Abs(threshold - value) < 1e-6);

        double? Mean(int[] chosen, int range, int? threshold = null)
        {
            var values = new List<double>();
            foreach (var category in chosen)
                for (var i = threshold ?? 0; i <= (threshold ?? cases.Thresholds.Length - 1); i++)
                    if (precisions[category][cases.Of(range, i)] is { } precision)
                        values.Add(precision);
            return values.Count == 0 ? null : values.Average();
        }
    }

    /// <summary>How it was measured.</summary>
    public DetectionSettings Settings { get; }

    /// <summary>Number of images.</summary>
    public int ImageCount { get; }

    /// <summary>AP: mean over IoU .50:.05:.95. COCO and LVIS.</summary>
    public double? AveragePrecision { get; }

    /// <summary>AP50: at IoU .5; OpenImages' mAP@.5.</summary>
    public double? AveragePrecision50 { get; }

    /// <summary>AP75: at IoU .75. COCO and LVIS.</summary>
    public double? AveragePrecision75 { get; }

    /// <summary>APs: of objects with an annotated area of at most 32 x 32 pixels. COCO and LVIS.</summary>
    public double? SmallAveragePrecision { get; }

    /// <summary>APm: of objects between 32 x 32 and 96 x 96 pixels, both inside. COCO and LVIS.</summary>
    public double? MediumAveragePrecision { get; }

    /// <summary>APl: of objects of at least 96 x 96 pixels. COCO and LVIS.</summary>
    public double? LargeAveragePrecision { get; }

    /// <summary>APr: over the rare categories. LVIS.</summary>
    public double? RareAveragePrecision { get; }

    /// <summary>APc: over the common categories. LVIS.</summary>
    public double? CommonAveragePrecision { get; }

    /// <summary>APf: over the frequent categories. LVIS.</summary>
    public double? FrequentAveragePrecision { get; }

    /// <summary>Each category with an object to be found, by name.</summary>
    public IReadOnlyList<CategoryPrecision> Categories { get; }

    /// <summary>The figures that the protocol knows, as a table of plain text.</summary>
    public override string ToString()
    {
        var title = string.Create(CultureInfo.InvariantCulture, $"{Settings.Protocol} {Settings.Overlap.ToString().ToLowerInvariant()}, {ImageCount} images, {Categories.Count} categories");
        var table = new FigureTable(title);
        if (Settings.Protocol == DetectionProtocol.OpenImages)
            return table.Add("AP@.5", AveragePrecision50).ToString();
        table.Add("AP", AveragePrecision).Add("AP50", AveragePrecision50).Add("AP75", AveragePrecision75)
            .Add("AP small", SmallAveragePrecision).Add("AP medium", MediumAveragePrecision).Add("AP large", LargeAveragePrecision);
        if (Settings.Protocol == DetectionProtocol.Lvis)
            table.Add("AP rare", RareAveragePrecision).Add("AP common", CommonAveragePrecision).Add("AP frequent", FrequentAveragePrecision);
        return table.ToString();
    }
}
