using Microsoft.ML.DrSeg.Evaluation;
using NUnit.Framework;
using static Microsoft.ML.DrSeg.Tests.Evaluation.Detections.Scene;

namespace Microsoft.ML.DrSeg.Tests.Evaluation.Detections;

public class DetectionAccumulatorTests
{
    private const DetectionProtocol Coco = DetectionProtocol.Coco, Lvis = DetectionProtocol.Lvis, OpenImages = DetectionProtocol.OpenImages;

    private static readonly string[] Names = ["ant", "bee", "cow", "dog"];

    private static DetectionImage[] RandomImages(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => Image(
            i,
            [.. Enumerable.Range(0, random.Next(6)).Select(_ => Place((x, y, side) => Object(Name(), x, y, x + side, y + side, random.Next(8) == 0)))],
            // Scores are coarse, so that there are many ties.
            [.. Enumerable.Range(0, random.Next(12)).Select(_ => Place((x, y, side) => Detection(Name(), random.Next(5) / 4f, x, y, x + side, y + side)))]) with
        {
            Row = i, AbsentCategories = [Name()], NonExhaustiveCategories = [Name()],
        })];

        string Name() => Names[random.Next(Names.Length)];

        T Place<T>(Func<int, int, int, T> make) => make(random.Next(40), random.Next(40), random.Next(20, 60));
    }

    [Test]
    public void NeitherOrderNorPartitionMovesTheLastBit(
        [Values(Coco, Lvis, OpenImages)] DetectionProtocol protocol, [Values(DetectionOverlap.Masks, DetectionOverlap.Boxes)] DetectionOverlap overlap, [Values(1, 2)] int seed)
    {
        var settings = new DetectionSettings { Protocol = protocol, Overlap = overlap, MaximumDetections = 7 };
        var images = RandomImages(seed, 60);
        var whole = Score(settings, images);

        var random = new Random(seed);
        random.Shuffle(images);
        DetectionAccumulator[] parts = [new(settings), new(settings), new(settings)];
        foreach (var image in images)
            parts[random.Next(3)].Add(image);
        parts[2].Merge(parts[0]);
        parts[2].Merge(parts[1]);
        var merged = parts[2].Complete();
        Assert.Multiple(() =>
        {
            Assert.That(merged.Categories, Is.EqualTo(whole.Categories));
            Assert.That(merged.AveragePrecision, Is.EqualTo(whole.AveragePrecision));
            Assert.That(merged.AveragePrecision50, Is.EqualTo(whole.AveragePrecision50).And.InRange(.001, .99));
            Assert.That(merged.ImageCount, Is.EqualTo(60));
            Assert.That(merged.ToText(), Is.EqualTo(whole.ToText()));
        });
    }

    [Test]
    public void AnImageMayComeInOnePartACategory([Values(Coco, Lvis, OpenImages)] DetectionProtocol protocol)
    {
        var settings = new DetectionSettings { Protocol = protocol };
        var images = RandomImages(3, 40);
        var parts = images.SelectMany(image => Names.Select(name => image with
        {
            Truth = [.. image.Truth.Where(truth => truth.Category == name)],
            Detections = [.. image.Detections.Where(detection => detection.Category == name)],
        }));
        Assert.That(Score(settings, parts).ToString(), Is.EqualTo(Score(settings, images).ToString()));
    }

    [Test]
    public void PerfectDetectionsScoreOneAndNoDetectionsNone([Values(Coco, Lvis, OpenImages)] DetectionProtocol protocol)
    {
        var images = RandomImages(4, 30).Select(image => image with { Truth = [.. image.Truth.Select(truth => truth with { IsCrowd = false })] }).ToArray();
        var perfect = images.Select(image => image with { Detections = [.. image.Truth.Select(truth => new DetectedObject(truth.Category, .5f, truth.Mask))] });
        var silent = images.Select(image => image with { Detections = [] });
        var settings = new DetectionSettings { Protocol = protocol };
        Assert.Multiple(() =>
        {
            Assert.That(Score(settings, perfect).AveragePrecision50, Is.EqualTo(1).Within(1e-12));
            Assert.That(Score(settings, silent).AveragePrecision50, Is.Zero);
        });
    }

    [Test]
    public void NeitherMovesPanopticQualityNorConfusions()
    {
        foreach (var settings in new DetectionSettings[] { new() { Protocol = DetectionProtocol.Panoptic }, new() { ConfusionScore = .1, Overlap = DetectionOverlap.Boundaries } })
        {
            var images = SlowScene.Random(1, 40, apart: true).Select(scene => scene.ToImage()).ToArray();
            var whole = Score(settings, images);
            DetectionAccumulator[] parts = [new(settings), new(settings)];
            foreach (var image in images.Reverse())
                parts[image.Detections.Count % 2].Add(image);
            parts[0].Merge(parts[1]);
            var merged = parts[0].Complete();
            Assert.That((merged.Quality, merged.AveragePrecision, merged.ToText()), Is.EqualTo((whole.Quality, whole.AveragePrecision, whole.ToText())));
            Assert.That(merged.Confusion, Is.EqualTo(whole.Confusion));
        }
    }

    [Test]
    public void TheSumCanGoOnAfterTheFiguresWereRead()
    {
        var images = RandomImages(5, 20);
        var sums = new DetectionAccumulator();
        foreach (var image in images[..10])
            sums.Add(image);
        var half = sums.Complete().ToString();
        foreach (var image in images[10..])
            sums.Add(image);
        Assert.Multiple(() =>
        {
            Assert.That(half, Is.EqualTo(Score(null, images[..10]).ToString()));
            Assert.That(sums.Complete().ToString(), Is.EqualTo(Score(null, images).ToString()));
        });
    }
}
