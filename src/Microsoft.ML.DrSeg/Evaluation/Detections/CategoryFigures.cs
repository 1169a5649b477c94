namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>The figures of one category, in every case: average precision, recall, and the score that divides best: at an IoU of .5 (the lowest where .5 is none of them), in all sizes.</summary>
internal sealed class CategoryFigures(string name, CategoryRecords records, DetectionCases cases, DetectionSettings settings)
{
    public string Name => name;

    public long Objects { get; } = records.Positives[0];

    public PanopticSum Panoptic { get; } = records.Panoptic;

    /// <summary>For each case, null where there is nothing to be found.</summary>
    public double?[] Precisions { get; } = new double?[cases.Count];

    /// <summary>For each of the maxima and each case, the share of the objects that is found; null where there is nothing to be found.</summary>
    public double?[][] Recalls { get; } = [.. settings.Maxima.Select(_ => new double?[cases.Count])];

    /// <summary>The largest F1, and the score from which on detections give it; null without detections.</summary>
    public (double F1, double Score)? Best { get; private set; }

    /// <param name="records">Those of the category.</param>
    /// <param name="images">The image of each part, in the order by which ties go.</param>
    /// <param name="limits">For each number of detections an image, those that are too many; none where the number is a category's.</param>
    /// <returns>The detections that count in the case that F1 is of, highest score first, and whether they are right.</returns>
    public (double[] Scores, bool[] AreRight) Compute(CategoryRecords records, int[] images, Dictionary<int, Dictionary<string, HashSet<(int Part, int Position)>>> limits)
    {
        var dropped = limits.GetValueOrDefault(settings.LimitPerImage)?.GetValueOrDefault(name);
        var sorted = records.Detections.Where(record => dropped?.Contains((record.Part, record.Position)) != true).ToArray();
        Array.Sort(sorted, (a, b) => Compare(a, b, images));
        var ranks = new int[sorted.Length];
        for (var i = 0; i < cases.Count; i++)
        {
            var positives = records.Positives[i / cases.Thresholds.Length];
            if (positives == 0)
                continue;
            int rank = 0, found = 0;
            foreach (ref readonly var record in sorted.AsSpan())
            {
                if (record.Outcome.IsIgnored(i))
                    continue;
                rank++;
                if (record.Outcome.IsMatched(i))
                    ranks[found++] = rank;
            }
            Precisions[i] = settings.Protocol == DetectionProtocol.OpenImages
                ? PrecisionCurve.Area(ranks.AsSpan(0, found), positives)
                : PrecisionCurve.AverageAt101Recalls(ranks.AsSpan(0, found), positives);
        }
        for (var i = 0; i < Recalls.Length; i++)
            CountFound(records, Recalls[i], settings.Maxima[i], limits.GetValueOrDefault(settings.Maxima[i])?.GetValueOrDefault(name));

        var caseOfF1 = cases.ThresholdAt(.5) is >= 0 and var half ? half : Array.IndexOf(cases.Thresholds, cases.Thresholds.Min());
        var judged = Array.FindAll(sorted, record => !record.Outcome.IsIgnored(caseOfF1));
        var (scores, right) = (Array.ConvertAll(judged, record => record.Score), Array.ConvertAll(judged, record => record.Outcome.IsMatched(caseOfF1)));
        Best = BestF1(scores, right, Objects);
        return (scores, right);
    }

    /// <summary>
    /// F1 = 2 P R / (P + R) = 2 x right / (detections + objects), the largest over all scores from which on detections could be
    /// taken (van Rijsbergen 1979, chapter 7, with equal weights); the highest such score where several give it.
    /// </summary>
    /// <param name="scores">Of the detections, highest first.</param>
    public static (double F1, double Score)? BestF1(ReadOnlySpan<double> scores, ReadOnlySpan<bool> areRight, long objects)
    {
        (double F1, double Score)? best = null;
        var right = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            right += areRight[i] ? 1 : 0;
            if ((i + 1 == scores.Length || scores[i + 1] != scores[i]) && 2.0 * right / (i + 1 + objects) is var f1 && !(f1 <= best?.F1))
                best = (f1, scores[i]);
        }
        return best;
    }

    /// <summary>The same over several categories together.</summary>
    public static (double F1, double Score)? BestF1((double[] Scores, bool[] AreRight)[] categories, long objects)
    {
        double[] scores = [.. categories.SelectMany(one => one.Scores)];
        bool[] right = [.. categories.SelectMany(one => one.AreRight)];
        Array.Sort(scores, right);
        scores.AsSpan().Reverse();
        right.AsSpan().Reverse();
        return BestF1(scores, right, objects);
    }

    // A maximum is of an image and category, and the records of a part stand together, best first; or the image's, and those too many are known.
    private void CountFound(CategoryRecords records, double?[] recalls, int maximum, HashSet<(int Part, int Position)>? dropped)
    {
        var found = new long[cases.Count];
        int part = -1, rank = 0;
        foreach (var record in records.Detections)
        {
            rank = record.Part == part ? rank + 1 : 0;
            part = record.Part;
            if ((rank >= maximum && settings.LimitPerImage == int.MaxValue) || dropped?.Contains((record.Part, record.Position)) == true)
                continue;
            for (var bits = record.Outcome.Matched & ~record.Outcome.Ignored; bits != 0; bits &= bits - 1)
                found[System.Numerics.BitOperations.TrailingZeroCount(bits)]++;
        }
        for (var i = 0; i < recalls.Length; i++)
            if (records.Positives[i / cases.Thresholds.Length] is > 0 and var positives)
                recalls[i] = (double)found[i] / positives;
    }

    private static int Compare(in DetectionRecord first, in DetectionRecord second, int[] images)
    {
        if (first.Score != second.Score)
            return second.Score.CompareTo(first.Score);
        var byImage = images[first.Part].CompareTo(images[second.Part]);
        return byImage != 0 ? byImage : first.Position.CompareTo(second.Position);
    }
}
