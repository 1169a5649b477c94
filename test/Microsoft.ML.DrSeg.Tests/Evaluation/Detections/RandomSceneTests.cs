using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Evaluation;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Evaluation.Detections;

/// <summary>Every figure of made-up scenes is what the definitions, followed slowly, say.</summary>
public class RandomSceneTests
{
    private const double BoundaryShare = .06;
    private const int Thickness = 3; // .06 of the diagonal of 36 x 28

    private static readonly double[] Thresholds = [.3, .5, .75, .9];
    private static readonly (string Name, double Low, double High)[] Ranges = [("tiny", 0, 60), ("rest", 60, 150), ("huge", 150, 1e5)];
    private static readonly int[] Maxima = [1, 2, 4];

    private static DetectionSettings Settings(DetectionOverlap overlap) => new()
    {
        Overlap = overlap, Thresholds = Thresholds, AreaRanges = Ranges, RecallMaxima = Maxima, MaximumDetections = Maxima[^1], BoundaryShare = BoundaryShare,
    };

    [Test]
    public void PrecisionAndRecallAreWhatTheDefinitionsSay([Values] DetectionOverlap overlap, [Range(1, 6)] int seed)
    {
        SlowScene[] scenes = SlowScene.Random(seed, 25);
        Compare(Scene.Score(Settings(overlap), scenes.Select(scene => scene.ToImage())), scenes, overlap, name => name);
    }

    [Test]
    public void TheyAreTheSameFromFiles([Values] DetectionOverlap overlap, [Range(7, 9)] int seed)
    {
        SlowScene[] scenes = SlowScene.Random(seed, 25);
        using var folder = new DataSetTestFolder();
        string truth = folder.Write("instances.json", SlowScene.ToCoco(scenes)), results = folder.Write("results/results.json", SlowScene.ToResults(scenes));
        DetectionMetrics metrics = new MLContext(1).DrSeg().EvaluatePredictions(DataSetFinder.Open(truth), results, Settings(overlap));
        Assert.That(metrics.ImageCount, Is.EqualTo(25), "images without an object as well");
        Compare(metrics, scenes, overlap, name => name["thing ".Length..]);
    }

    [Test]
    public void TheUsualOnesAreCocos([Range(1, 2)] int seed)
    {
        SlowScene[] scenes = SlowScene.Random(seed, 12);
        DetectionMetrics metrics = Scene.Score(null, scenes.Select(scene => scene.ToImage()));
        double[] thresholds = [.. Enumerable.Range(0, 10).Select(i => .5 + i * ((.95 - .5) / 9))];
        double? Mean(Func<(double? Precision, double? Recall), double?> of, double low = 0, double high = 1e10, int maximum = 100) => SlowScene.Categories.SelectMany(category =>
            thresholds.Select(threshold => of(SlowEvaluator.Evaluate(scenes, category, SlowEvaluator.What.Masks, threshold, low, high, maximum, 1)))).Average();
        Assert.Multiple(() =>
        {
            Near(metrics.AveragePrecision, Mean(one => one.Precision), "AP");
            Near(metrics.SmallAveragePrecision, Mean(one => one.Precision, 0, 32 * 32), "AP small");
            Near(metrics.AverageRecallOf(maximum: 1), Mean(one => one.Recall, maximum: 1), "AR@1");
            Near(metrics.AverageRecallOf(maximum: 10), Mean(one => one.Recall, maximum: 10), "AR@10");
            Near(metrics.AverageRecall, Mean(one => one.Recall), "AR@100");
            Near(metrics.AverageRecallOf("small"), Mean(one => one.Recall, 0, 32 * 32), "AR small");
        });
    }

    [Test]
    public void TheBestF1IsFoundAmongAllScores([Range(1, 4)] int seed)
    {
        SlowScene[] scenes = SlowScene.Random(seed, 10);
        DetectionMetrics metrics = Scene.Score(null, scenes.Select(scene => scene.ToImage()));
        var (f1, score) = SlowEvaluator.BestF1(scenes, SlowEvaluator.What.Masks, 100);
        Assert.That(metrics.F1, Is.EqualTo(f1).Within(1e-12));
        Assert.That(metrics.BestScore, Is.EqualTo(score));
    }

    [Test]
    public void PanopticQualityIsWhatTheDefinitionSays([Values] bool byBoundaries, [Range(1, 6)] int seed)
    {
        SlowScene[] scenes = SlowScene.Random(seed, 25, apart: true);
        var settings = new DetectionSettings
        {
            Protocol = DetectionProtocol.Panoptic, Overlap = byBoundaries ? DetectionOverlap.Boundaries : DetectionOverlap.Masks, BoundaryShare = BoundaryShare, Stuff = ["2"],
        };
        DetectionMetrics metrics = Scene.Score(settings, scenes.Select(scene => scene.ToImage()));
        var expected = SlowScene.Categories.Select(category =>
        {
            var (matched, positives, negatives) = SlowEvaluator.Panoptic(scenes, category, byBoundaries, Thickness);
            double half = matched.Count + (positives + negatives) / 2.0;
            return (matched.Sum() / half, matched.Count == 0 ? 0 : matched.Average(), matched.Count / half);
        }).ToArray();
        Assert.Multiple(() =>
        {
            for (var i = 0; i < expected.Length; i++)
                Near(metrics.Categories[i].Quality, expected[i], SlowScene.Categories[i]);
            Near(metrics.Quality, (expected.Average(one => one.Item1), expected.Average(one => one.Item2), expected.Average(one => one.Item3)), "all");
            Near(metrics.StuffQuality, expected[1], "stuff");
            Assert.That(metrics.Quality!.Value.Panoptic, Is.InRange(.01, .99));
        });
    }

    private static void Compare(DetectionMetrics metrics, SlowScene[] scenes, DetectionOverlap overlap, Func<string, string> id) => Assert.Multiple(() =>
    {
        var what = Enum.Parse<SlowEvaluator.What>(overlap.ToString());
        var slow = new Dictionary<(string, double, string, int), (double? Precision, double? Recall)>();
        (double? Precision, double? Recall)[] Slow(IEnumerable<string> categories, IEnumerable<double> thresholds, string range, int maximum) =>
            [.. categories.SelectMany(category => thresholds.Select(threshold =>
            {
                if (!slow.TryGetValue((category, threshold, range, maximum), out var found))
                {
                    var (_, low, high) = Ranges.FirstOrDefault(one => one.Name == range, ("all", 0, double.PositiveInfinity));
                    slow.Add((category, threshold, range, maximum), found = SlowEvaluator.Evaluate(scenes, category, what, threshold, low, high, maximum, Thickness));
                }
                return found;
            }))];

        var limit = Maxima[^1];
        foreach (var range in Ranges.Select(one => one.Name).Append("all"))
        {
            Near(metrics.AveragePrecisionOf(range), Slow(SlowScene.Categories, Thresholds, range, limit).Average(one => one.Precision), $"AP {range}");
            Near(metrics.AverageRecallOf(range), Slow(SlowScene.Categories, Thresholds, range, limit).Average(one => one.Recall), $"AR {range}");
            foreach (var threshold in Thresholds)
                Near(metrics.AveragePrecisionOf(range, threshold), Slow(SlowScene.Categories, [threshold], range, limit).Average(one => one.Precision), $"AP {range} at {threshold}");
        }
        foreach (var maximum in Maxima)
            Near(metrics.AverageRecallOf(maximum: maximum), Slow(SlowScene.Categories, Thresholds, "all", maximum).Average(one => one.Recall), $"AR@{maximum}");
        foreach (var category in metrics.Categories)
        {
            Near(category.AveragePrecision, Slow([id(category.Category)], Thresholds, "all", limit).Average(one => one.Precision), $"AP of {category.Category}");
            Near(category.AverageRecall, Slow([id(category.Category)], Thresholds, "all", limit).Average(one => one.Recall), $"AR of {category.Category}");
        }
        Assert.That(metrics.AveragePrecision, Is.InRange(.02, .98), "worth comparing");
        Assert.That(metrics.AveragePrecisionOf("none"), Is.Null);
    });

    private static void Near(double? found, double? expected, string what)
    {
        if (expected is { } number)
            Assert.That(found, Is.EqualTo(number).Within(1e-12), what);
        else
            Assert.That(found, Is.Null, what);
    }

    private static void Near((double, double, double)? found, (double, double, double) expected, string what)
    {
        Near(found?.Item1, expected.Item1, what);
        Near(found?.Item2, expected.Item2, what);
        Near(found?.Item3, expected.Item3, what);
    }
}
