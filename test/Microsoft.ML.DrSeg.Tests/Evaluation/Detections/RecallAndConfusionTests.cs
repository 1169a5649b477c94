using System.Xml.Linq;
using Microsoft.ML.DrSeg.Evaluation;
using NUnit.Framework;
using static Microsoft.ML.DrSeg.Tests.Evaluation.Detections.Scene;

namespace Microsoft.ML.DrSeg.Tests.Evaluation.Detections;

/// <summary>Average recall, F1, boundaries and confusions against values worked out by hand.</summary>
public class RecallAndConfusionTests
{
    // Two dogs. By score: the first exactly, nothing, the upper half of the second (IoU .5), so with one detection half is found,
    // with two no more, with three all at .5 and half above.
    private static readonly DetectionImage Dogs = Image(1,
        [Object("dog", 0, 0, 10, 10), Object("dog", 50, 0, 60, 10)],
        Detection("dog", .875f, 0, 0, 10, 10), Detection("dog", .75f, 100, 100, 110, 110), Detection("dog", .5f, 50, 0, 60, 5));

    [Test]
    public void RecallGrowsWithTheDetectionsThatCount()
    {
        var metrics = Score(new() { RecallMaxima = [1, 2, 3] }, Dogs);
        Assert.Multiple(() =>
        {
            Assert.That(metrics.AverageRecallOf(maximum: 1), Is.EqualTo(.5).Within(1e-12));
            Assert.That(metrics.AverageRecallOf(maximum: 2), Is.EqualTo(.5).Within(1e-12));
            Assert.That(metrics.AverageRecall, Is.EqualTo((1 + 9 * .5) / 10).Within(1e-12));
            Assert.That(metrics.AverageRecallOf(threshold: .5), Is.EqualTo(1));
            Assert.That(metrics.AverageRecallOf("medium"), Is.Null, "nothing to be found");
            Assert.That(metrics.AverageRecallOf(maximum: 7), Is.Null, "not asked for");
            Assert.That(metrics.Categories.Single().AverageRecall, Is.EqualTo(metrics.AverageRecall));
        });
    }

    [Test]
    public void AMaximumIsOfAnImageAndCategoryForCocoAndOfAnImageForLvis()
    {
        // A cat and a dog, each found once, the dog with the higher score: with one detection an image, the cat is not found.
        var image = Image(1, [Object("dog", 0, 0, 10, 10), Object("cat", 50, 0, 60, 10)], Detection("cat", .5f, 50, 0, 60, 10), Detection("dog", .75f, 0, 0, 10, 10));
        var settings = new DetectionSettings { RecallMaxima = [1, 2] };
        Assert.Multiple(() =>
        {
            Assert.That(Score(settings, image).AverageRecallOf(maximum: 1), Is.EqualTo(1));
            Assert.That(Score(settings with { Protocol = DetectionProtocol.Lvis }, image).AverageRecallOf(maximum: 1), Is.EqualTo(.5));
            Assert.That(Score(settings with { Protocol = DetectionProtocol.Lvis }, image).AverageRecallOf(maximum: 2), Is.EqualTo(1));
        });
    }

    [Test]
    public void TheBestScoreIsTheHighestThatGivesTheBestF1()
    {
        // From .875 on: 1 right of 1, of 2 to be found: 2/3. From .75 on: 1 of 2: 2/4. From .5 on: 2 of 3: 4/5.
        var metrics = Coco(Dogs);
        Assert.That((metrics.F1!.Value, metrics.BestScore), Is.EqualTo((.8, (double?).5)));
        // With all scores equal they are taken together or not at all.
        var tied = Coco(Dogs with { Detections = [.. Dogs.Detections.Select(one => one with { Score = 1 })] });
        Assert.That((tied.F1!.Value, tied.BestScore), Is.EqualTo((.8, (double?)1)));
        Assert.That(Coco(Dogs with { Detections = [] }).F1, Is.Null);
    }

    [Test]
    public void ScoresAreComparedInAllTheirDigits()
    {
        // In single precision both would be 1, and the wrong one, which stands first, would come first.
        var image = Dogs with { Detections = [Dogs.Detections[1] with { Score = 1 - 1e-12 }, Dogs.Detections[0] with { Score = 1 }] };
        Assert.That(Coco(image).AveragePrecision, Is.EqualTo(51 / 101.0).Within(1e-12));
    }

    [Test]
    public void BoundariesAreComparedBesidesMasks()
    {
        // Squares of 20 and of 16 pixels about the same centre, on 200 x 200 pixels. Masks: 256/400 = .64. Boundaries 2 pixels
        // thick (.0071 of the diagonal): 144 and 112 pixels, which share none: 0.
        var image = Image(1, [Object("dog", 10, 10, 30, 30)], Detection("dog", 1, 12, 12, 28, 28));
        var settings = new DetectionSettings { Overlap = DetectionOverlap.Boundaries, BoundaryShare = .0071 };
        Assert.That(Coco(image).AveragePrecisionOf(threshold: .6), Is.EqualTo(1));
        Assert.That(Score(settings, image).AveragePrecisionOf(threshold: .5), Is.Zero);
        // 4 pixels thick: 256 and 192 pixels, of which 144 - 16... the ring from 12 to 14 and from 26 to 28 is 112 pixels: 112/336 = 1/3.
        Assert.That(Score(settings with { BoundaryShare = .0142, Thresholds = [.33, .34] }, image).AveragePrecisionOf(threshold: .33), Is.EqualTo(1));
        Assert.That(Score(settings with { BoundaryShare = .0142, Thresholds = [.33, .34] }, image).AveragePrecisionOf(threshold: .34), Is.Zero);
        // A crowd excuses by masks alone.
        var crowd = Image(1, [Object("dog", 10, 10, 30, 30, isCrowd: true), Object("dog", 100, 100, 110, 110)], Detection("dog", 1, 12, 12, 28, 28), Detection("dog", .5f, 100, 100, 110, 110));
        Assert.That(Score(settings, crowd).AveragePrecision, Is.EqualTo(1));
    }

    [Test]
    public void ConfusionsArePairsByOverlapWhateverTheirCategories()
    {
        var image = Image(1,
            [Object("dog", 0, 0, 10, 10), Object("cat", 50, 0, 60, 10), Object("cat", 100, 0, 110, 10), Object("cow", 150, 0, 190, 40, isCrowd: true)],
            // The dog is called a cat, with a dog of less overlap beside it; a cat is found; the other is not; a cow in the crowd, a dog out of nothing.
            Detection("cat", .5f, 0, 0, 10, 10), Detection("dog", .75f, 0, 0, 10, 9), Detection("cat", .75f, 50, 0, 60, 8), Detection("cow", 1, 150, 0, 160, 10), Detection("dog", .25f, 0, 100, 10, 110));
        var metrics = Score(new() { ConfusionScore = .25 }, image);
        Assert.That(metrics.ConfusionNames, Is.EqualTo(new[] { "cat", "dog", "(nothing)" }), "no cow is anything");
        Assert.That(metrics.Confusion, Is.EqualTo(new long[][] { [1, 0, 1], [1, 0, 0], [0, 2, 0] }));
        // Without what scores below .5 the dog out of nothing is gone; without the cat on it, the dog is a dog.
        Assert.That(Score(new() { ConfusionScore = .5 }, image).Confusion![^1], Is.EqualTo(new long[] { 0, 1, 0 }));
        Assert.That(Score(new() { ConfusionScore = .6 }, image).Confusion![1], Is.EqualTo(new long[] { 0, 1, 0 }));
        Assert.That(Coco(image).Confusion, Is.Null);

        using var folder = new TemporaryFolder();
        metrics.SaveConfusion(folder.File("confusion.csv"));
        Assert.That(File.ReadAllLines(folder.File("confusion.csv")), Is.EqualTo(new[] { "true \\ predicted,cat,dog,(nothing)", "cat,1,0,1", "dog,1,0,0", "(nothing),0,2,0" }));
        metrics.SaveConfusion(folder.File("confusion.svg"));
        Assert.That(XDocument.Load(folder.File("confusion.svg")).Descendants().Count(one => one.Name.LocalName == "title"), Is.EqualTo(9));
        Assert.That(() => metrics.SaveConfusion(folder.File("confusion.bmp")), Throws.ArgumentException.With.Message.Contains(".bmp"));
        Assert.That(() => Coco(image).SaveConfusion(folder.File("none.svg")), Throws.InvalidOperationException);
    }

    [Test]
    public void PanopticQualityIsWhatTheHandSays()
    {
        // A dog of 100 pixels, found with 80 of them and 20 of nobody's, which count for neither: 80/100. A cat that is not found. A
        // dog in a crowd of dogs, excused; one of which just half lies in it, the rest in the cat: wrong. Sky, exactly.
        var image = Image(1,
            [Object("dog", 0, 0, 10, 10), Object("cat", 50, 0, 60, 10), Object("dog", 60, 0, 80, 10, isCrowd: true), Object("sky", 0, 100, 200, 200)],
            Detection("dog", 1, 0, 0, 8, 10), Detection("dog", 1, 65, 0, 75, 10), Detection("dog", 1, 55, 0, 65, 10), Detection("sky", 1, 0, 100, 200, 200));
        image = image with { Detections = [image.Detections[0] with { Mask = Mask(0, 0, 8, 10).Union(Mask(0, 20, 10, 22)) }, .. image.Detections.Skip(1)] };
        var metrics = Score(new() { Protocol = DetectionProtocol.Panoptic, Stuff = ["sky"] }, image);
        Assert.Multiple(() =>
        {
            Assert.That(metrics.Categories.Select(one => one.Category), Is.EqualTo(new[] { "cat", "dog", "sky" }));
            Assert.That(metrics.Categories[0].Quality, Is.EqualTo((0.0, 0.0, 0.0)));
            Assert.That(metrics.Categories[1].Quality, Is.EqualTo((.8 / 1.5, .8, 1 / 1.5)).Within(1e-12));
            Assert.That(metrics.StuffQuality, Is.EqualTo((1.0, 1.0, 1.0)));
            Assert.That(metrics.ThingQuality!.Value.Panoptic, Is.EqualTo(.8 / 3).Within(1e-12));
            Assert.That(metrics.Quality!.Value.Recognition, Is.EqualTo((1 + 1 / 1.5) / 3).Within(1e-12));
            Assert.That(metrics.ToString(), Does.Contain("PQ things").And.Not.Contain("AP"));
            Assert.That(metrics.AveragePrecision, Is.Null);
        });
    }

    [Test]
    public void WherePredictedSegmentsOverlapTheHigherScoreKeepsThePixel()
    {
        var image = Image(1, [Object("dog", 0, 0, 10, 10), Object("cat", 10, 0, 20, 10)], Detection("cat", .5f, 0, 0, 20, 10), Detection("dog", .75f, 0, 0, 10, 10));
        var settings = new DetectionSettings { Protocol = DetectionProtocol.Panoptic };
        Assert.That(Score(settings, image).Quality, Is.EqualTo((1.0, 1.0, 1.0)));
        Assert.That(() => Score(settings, image with { Truth = [.. image.Truth, Object("cow", 5, 0, 15, 10)] }), Throws.InvalidOperationException.With.Message.Contains("overlap"));
        Assert.That(() => Score(settings, image with { Row = 3 }, image with { Row = 4 }), Throws.InvalidOperationException.With.Message.Contains("row 3 and again in row 4"));
    }

    [Test]
    public void SettingsThatContradictAreNamed()
    {
        static Func<object> Of(DetectionSettings settings) => () => new DetectionAccumulator(settings);
        Assert.Multiple(() =>
        {
            Assert.That(Of(new() { Thresholds = [.5, 1.5] }), Throws.ArgumentException.With.Message.Contains("0.5, 1.5"));
            Assert.That(Of(new() { Thresholds = [] }), Throws.ArgumentException);
            Assert.That(Of(new() { Thresholds = [double.NaN] }), Throws.ArgumentException.With.Message.Contains("NaN"));
            Assert.That(Of(new() { AreaRanges = [("tiny", 5, 4)] }), Throws.ArgumentException.With.Message.Contains("'tiny' is 5 to 4"));
            Assert.That(Of(new() { AreaRanges = [("all", 0, 4)] }), Throws.ArgumentException.With.Message.Contains("'all'"));
            Assert.That(Of(new() { Thresholds = [.. Enumerable.Range(1, 33).Select(i => i / 33.0)], AreaRanges = [("tiny", 0, 4)] }), Throws.ArgumentException.With.Message.Contains("66 cases"));
            Assert.That(Of(new() { RecallMaxima = [101] }), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("100"));
            Assert.That(Of(new() { Protocol = DetectionProtocol.OpenImages, Thresholds = [.5] }), Throws.ArgumentException.With.Message.Contains("OpenImages"));
            Assert.That(Of(new() { Protocol = DetectionProtocol.Lvis, ConfusionScore = .5 }), Throws.ArgumentException.With.Message.Contains("Lvis"));
            Assert.That(Of(new() { Protocol = DetectionProtocol.Panoptic, Overlap = DetectionOverlap.Boxes }), Throws.ArgumentException.With.Message.Contains("boxes"));
            Assert.That(Of(new() { BoundaryShare = 0 }), Throws.InstanceOf<ArgumentOutOfRangeException>());
        });
    }

    [Test]
    public void TablesSayTheSameInTextCsvAndJson()
    {
        var metrics = Coco(Dogs, Image(2, [Object("a, \"b\"", 0, 0, 10, 10)]));
        Assert.That(metrics.ToCsv(), Is.EqualTo($"class,AP,AP50,AR,F1,score,objects\r\n\"a, \"\"b\"\"\",0,0,0,,,1\r\ndog,{metrics.Categories[1].AveragePrecision},{metrics.Categories[1].AveragePrecision50},0.55,0.8,0.5,2\r\n"));
        var json = System.Text.Json.Nodes.JsonNode.Parse(metrics.ToJson())!;
        Assert.That((double)json["figures"]!["AR@100"]!, Is.EqualTo(metrics.AverageRecall));
        Assert.That((string?)json["classes"]![0]!["class"], Is.EqualTo("a, \"b\""));
        Assert.That(json["classes"]![0]!["F1"], Is.Null);
        Assert.That(metrics.ToText(), Does.Contain("AR@10 ").And.Match(@"  dog +0\.\d{4} +0\.\d{4} +0\.5500 +0\.8000 +0\.5000 +2"));
        Assert.That(metrics.ToString(), Does.Not.Contain("  dog"));
    }
}
