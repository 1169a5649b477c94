using System.Globalization;

namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>
/// Figures of semantic segmentation from label maps, areas summed over the whole data set, ignored pixels left out: those
/// of COCO-Stuff (Caesar et al., arXiv 1612.03716, section 5), defined by Long et al., arXiv 1411.4038, section 5. All in
/// [0, 1]. <see cref="ToString"/> gives them as a table.
/// </summary>
public sealed record LabelMapMetrics
{
    /// <param name="truth">Pixels of each class in the truth, at least one in all.</param>
    /// <param name="predicted">Pixels predicted as each class.</param>
    /// <param name="shared">Pixels rightly predicted as each class.</param>
    /// <param name="confusion">Pixels of each true class (first) that were predicted as each.</param>
    internal LabelMapMetrics(long[] truth, long[] predicted, long[] shared, long[][] confusion, IReadOnlyList<string>? classNames)
    {
        Confusion = confusion;
        var ious = new double?[truth.Length];
        double weighted = 0, accuracies = 0;
        var present = 0;
        for (var i = 0; i < truth.Length; i++)
        {
            var union = truth[i] + predicted[i] - shared[i];
            if (union > 0)
                ious[i] = (double)shared[i] / union;
            if (truth[i] == 0)
                continue;
            present++;
            accuracies += (double)shared[i] / truth[i];
            weighted += truth[i] * ious[i]!.Value;
        }
        PixelCount = truth.Sum();
        MeanIoU = ious.Average()!.Value;
        PixelAccuracy = (double)shared.Sum() / PixelCount;
        MeanAccuracy = accuracies / present;
        FrequencyWeightedIoU = weighted / PixelCount;
        (ClassIoU, ClassNames) = (ious, classNames);
    }

    /// <summary>Number of judged pixels.</summary>
    public long PixelCount { get; }

    /// <summary>mIoU: the mean of <see cref="ClassIoU"/> over the classes that occur in the truth or in a prediction.</summary>
    public double MeanIoU { get; }

    /// <summary>Share of pixels rightly predicted.</summary>
    public double PixelAccuracy { get; }

    /// <summary>Share of each class's pixels rightly predicted, its mean over the classes that occur in the truth.</summary>
    public double MeanAccuracy { get; }

    /// <summary>IoU of each class weighted by its share of the true pixels.</summary>
    public double FrequencyWeightedIoU { get; }

    /// <summary>The IoU of each class by its label; null for a class that occurs neither in the truth nor in a prediction, and for the ignored label.</summary>
    public IReadOnlyList<double?> ClassIoU { get; }

    /// <summary>How many pixels of each class (rows) were predicted as each (columns), by their labels; those of the ignored label count in neither.</summary>
    public IReadOnlyList<IReadOnlyList<long>> Confusion { get; }

    /// <summary>The name of each class by its label; null where they have none.</summary>
    public IReadOnlyList<string>? ClassNames { get; }

    /// <summary>The figures as a table of plain text, the classes last where they have names.</summary>
    public override string ToString() => Table().ToString();

    /// <summary>The IoU of each named class as comma-separated values (RFC 4180).</summary>
    public string ToCsv() => Table().ToCsv();

    /// <summary>The figures, and the IoU of each named class, as JSON.</summary>
    public string ToJson() => Table().ToJson();

    /// <summary>Writes <see cref="Confusion"/>: a picture (.svg), each row coloured by its shares, or numbers (.csv).</summary>
    public void SaveConfusion(string path) =>
        new ConfusionMatrix(ClassNames ?? [.. Enumerable.Range(0, Confusion.Count).Select(label => label.ToString(CultureInfo.InvariantCulture))], Confusion).Save(path);

    private FigureTable Table() => new FigureTable(string.Create(CultureInfo.InvariantCulture, $"{PixelCount} pixels"))
        .Add("mIoU", MeanIoU)
        .Add("Pixel accuracy", PixelAccuracy)
        .Add("Mean accuracy", MeanAccuracy)
        .Add("Frequency-weighted IoU", FrequencyWeightedIoU)
        .Classes("IoU of each class", ["IoU"], (ClassNames ?? []).Select((name, label) => (name, new[] { ClassIoU[label] })));
}
