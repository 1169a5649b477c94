namespace Microsoft.ML.DrSeg.Tests.Evaluation.Detections;

/// <summary>
/// The definitions of COCO's tools, written down as they are told, without a thought of speed: pixels are counted one by one, and
/// everything is done anew for each category, range, threshold and number of detections.
/// </summary>
internal static class SlowEvaluator
{
    public enum What { Masks, Boxes, Boundaries }

    /// <summary>Average precision of one category, and the share of its objects that is found; null without objects.</summary>
    public static (double? Precision, double? Recall) Evaluate(
        SlowScene[] scenes, string category, What what, double threshold, double low, double high, int maximum, int thickness)
    {
        var all = new List<(double Score, bool Matched, bool Ignored)>();
        var positives = 0;
        foreach (var scene in scenes.OrderBy(scene => scene.Id))
        {
            SlowThing[] truth = [.. scene.Truth.Where(one => one.Category == category)];
            bool[] ignored = [.. truth.Select(one => one.IsCrowd || one.Area < low || one.Area > high)];
            positives += ignored.Count(ignore => !ignore);
            int[] order = [.. Enumerable.Range(0, truth.Length).OrderBy(i => ignored[i] ? 1 : 0)];
            var taken = new bool[truth.Length];
            foreach (var detection in scene.Detections.Where(one => one.Category == category).OrderByDescending(one => one.Score).Take(maximum))
            {
                var (best, match) = (Math.Min(threshold, 1 - 1e-10), -1);
                foreach (var i in order)
                {
                    if (taken[i] && !truth[i].IsCrowd)
                        continue;
                    if (match >= 0 && !ignored[match] && ignored[i])
                        break;
                    if (Overlap(detection, truth[i], what, thickness) is var overlap && overlap >= best)
                        (best, match) = (overlap, i);
                }
                if (match >= 0)
                    taken[match] = true;
                var area = what == What.Boxes ? detection.Box[2] * detection.Box[3] : detection.PixelCount;
                all.Add((detection.Score, match >= 0, match >= 0 ? ignored[match] : area < low || area > high));
            }
        }
        if (positives == 0)
            return (null, null);
        var (right, wrong) = (0, 0);
        var curve = new List<(double Recall, double Precision)>();
        foreach (var (_, matched, _) in all.Where(one => !one.Ignored).OrderByDescending(one => one.Score))
        {
            _ = matched ? right++ : wrong++;
            curve.Add(((double)right / positives, (double)right / (right + wrong)));
        }
        var sum = 0.0;
        for (var point = 0; point <= 100; point++)
            sum += curve.Where(place => place.Recall >= point * .01).Select(place => place.Precision).DefaultIfEmpty(0).Max();
        return (sum / 101, (double)right / positives);
    }

    /// <summary>F1 of all categories with objects together, for every score to begin at; the best, and the highest score that gives it.</summary>
    public static (double F1, double Score) BestF1(SlowScene[] scenes, What what, int maximum)
    {
        (double F1, double Score) best = (-1, 0);
        foreach (var score in scenes.SelectMany(scene => scene.Detections).Select(one => one.Score).Distinct().OrderDescending())
        {
            SlowScene[] above = [.. scenes.Select(scene => scene with { Detections = [.. scene.Detections.Where(one => one.Score >= score)] })];
            double right = 0, detections = 0, objects = 0;
            foreach (var category in SlowScene.Categories)
            {
                var wanted = scenes.Sum(scene => scene.Truth.Count(one => one.Category == category && !one.IsCrowd));
                if (wanted == 0)
                    continue;
                objects += wanted;
                right += Evaluate(above, category, what, .5, 0, double.PositiveInfinity, maximum, 1).Recall!.Value * wanted;
                detections += above.Sum(scene => CountJudged(scene, category, what, maximum));
            }
            var f1 = detections == 0 ? -1 : 2 * right / (detections + objects);
            if (f1 > best.F1 + 1e-14)
                best = (f1, score);
        }
        return best;
    }

    /// <summary>Intersection over union; over the detection's own area for a crowd; nothing shared is 0.</summary>
    public static double Overlap(SlowThing detection, SlowThing truth, What what, int thickness)
    {
        if (what == What.Boxes)
        {
            double[] d = detection.Box, t = truth.Box;
            double width = Math.Min(d[0] + d[2], t[0] + t[2]) - Math.Max(d[0], t[0]), height = Math.Min(d[1] + d[3], t[1] + t[3]) - Math.Max(d[1], t[1]);
            return width <= 0 || height <= 0 ? 0 : width * height / (truth.IsCrowd ? d[2] * d[3] : d[2] * d[3] + t[2] * t[3] - width * height);
        }
        var overlap = Pixels(detection.Pixels, truth.Pixels, truth.IsCrowd);
        return what == What.Masks || truth.IsCrowd ? overlap : Math.Min(overlap, Pixels(Boundary(detection.Pixels, thickness), Boundary(truth.Pixels, thickness), false));
    }

    /// <summary>The pixels inside with a pixel outside, or beyond the image, so near in rows and columns.</summary>
    public static bool[] Boundary(bool[] pixels, int thickness) => [.. pixels.Select((inside, at) =>
    {
        if (!inside)
            return false;
        int x = at % SlowScene.Width, y = at / SlowScene.Width;
        for (var dy = -thickness; dy <= thickness; dy++)
            for (var dx = -thickness; dx <= thickness; dx++)
                if (x + dx < 0 || x + dx >= SlowScene.Width || y + dy < 0 || y + dy >= SlowScene.Height || !pixels[(y + dy) * SlowScene.Width + x + dx])
                    return true;
        return false;
    })];

    /// <summary>The IoUs of matched segments of a category, and the unmatched ones of either side.</summary>
    public static (List<double> Matched, int FalsePositives, int FalseNegatives) Panoptic(SlowScene[] scenes, string category, bool byBoundaries, int thickness)
    {
        var (matched, positives, negatives) = (new List<double>(), 0, 0);
        foreach (var scene in scenes)
        {
            bool[] unlabelled = [.. Enumerable.Range(0, SlowScene.Width * SlowScene.Height).Select(i => scene.Truth.All(one => !one.Pixels[i]))];
            SlowThing[] predicted = [.. scene.Detections.Where(one => one.Category == category)], truth = [.. scene.Truth.Where(one => one.Category == category && !one.IsCrowd)];
            bool[] crowd = [.. unlabelled.Select((_, i) => scene.Truth.Any(one => one.Category == category && one.IsCrowd && one.Pixels[i]))];
            var (found, used) = (new bool[truth.Length], new bool[predicted.Length]);
            for (var i = 0; i < truth.Length; i++)
                for (var j = 0; j < predicted.Length; j++)
                {
                    var iou = Shared(truth[i].Pixels, predicted[j].Pixels, unlabelled);
                    if (byBoundaries)
                        iou = Math.Min(iou, Shared(Boundary(truth[i].Pixels, thickness), Boundary(predicted[j].Pixels, thickness), unlabelled));
                    if (iou <= .5)
                        continue;
                    found[i] = used[j] = true;
                    matched.Add(iou);
                }
            negatives += found.Count(one => !one);
            for (var j = 0; j < predicted.Length; j++)
                if (!used[j] && predicted[j].Pixels.Where((inside, i) => inside && (unlabelled[i] || crowd[i])).Count() / predicted[j].PixelCount <= .5)
                    positives++;
        }
        return (matched, positives, negatives);

        static double Shared(bool[] truth, bool[] predicted, bool[] unlabelled)
        {
            var both = truth.Where((inside, i) => inside && predicted[i]).Count();
            return both == 0 ? 0 : (double)both / truth.Where((inside, i) => inside || (predicted[i] && !unlabelled[i])).Count();
        }
    }

    // Those that are neither matched with a crowd nor passed over.
    private static int CountJudged(SlowScene scene, string category, What what, int maximum)
    {
        SlowThing[] truth = [.. scene.Truth.Where(one => one.Category == category)];
        var (taken, judged) = (new bool[truth.Length], 0);
        foreach (var detection in scene.Detections.Where(one => one.Category == category).OrderByDescending(one => one.Score).Take(maximum))
        {
            int? Find(bool crowds)
            {
                var (best, match) = (.5, (int?)null);
                for (var i = 0; i < truth.Length; i++)
                    if (truth[i].IsCrowd == crowds && !(taken[i] && !crowds) && Overlap(detection, truth[i], what, 1) is var overlap && overlap >= best)
                        (best, match) = (overlap, i);
                return match;
            }
            if (Find(crowds: false) is { } object_)
                taken[object_] = true;
            else if (Find(crowds: true) is not null)
                continue;
            judged++;
        }
        return judged;
    }

    private static double Pixels(bool[] detection, bool[] truth, bool isCrowd)
    {
        var both = detection.Where((inside, i) => inside && truth[i]).Count();
        return both == 0 ? 0 : (double)both / (isCrowd ? detection.Count(inside => inside) : detection.Where((inside, i) => inside || truth[i]).Count());
    }
}
