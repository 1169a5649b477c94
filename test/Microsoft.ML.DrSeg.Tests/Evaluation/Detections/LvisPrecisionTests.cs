using Microsoft.ML.DrSeg.Evaluation;
using NUnit.Framework;
using static Microsoft.ML.DrSeg.Tests.Evaluation.Detections.Scene;

namespace Microsoft.ML.DrSeg.Tests.Evaluation.Detections;

public class LvisPrecisionTests
{
    private static readonly DetectionSettings Lvis = new() { Protocol = DetectionProtocol.Lvis };

    [Test]
    public void OnlyVerifiedCategoriesCount()
    {
        // Image 1 has the dog, found at .5. Image 2 has a wrong dog at .9.
        // Nothing is known of dogs in image 2: passed over, AP 1. Verified absent: wrong, and first: precision 1/2.
        var first = Image(1, [Object("dog", 0, 0, 10, 10)], Detection("dog", .5f, 0, 0, 10, 10));
        var second = Image(2, [Object("cat", 0, 0, 10, 10)], Detection("dog", .9f, 0, 0, 10, 10), Detection("cat", .9f, 0, 0, 10, 10));
        Assert.Multiple(() =>
        {
            Assert.That(Score(Lvis, first, second).AveragePrecision, Is.EqualTo(1).Within(1e-12));
            Assert.That(Score(Lvis, first, second with { AbsentCategories = ["dog"] }).Categories[1].AveragePrecision, Is.EqualTo(.5).Within(1e-12));
            Assert.That(Coco(first, second).Categories[1].AveragePrecision, Is.EqualTo(.5).Within(1e-12), "COCO verifies everything");
        });
    }

    [Test]
    public void UnmatchedDetectionsOfPartlyAnnotatedCategoriesArePassedOver()
    {
        // The dog at .9 may well be one that nobody annotated. Of cats every one is annotated: wrong first, precision 1/2.
        var image = Image(1,
            [Object("dog", 0, 0, 10, 10), Object("cat", 0, 0, 10, 10)],
            Detection("dog", .9f, 50, 50, 60, 60), Detection("dog", .5f, 0, 0, 10, 10),
            Detection("cat", .9f, 50, 50, 60, 60), Detection("cat", .5f, 0, 0, 10, 10)) with
        { NonExhaustiveCategories = ["dog"] };
        var metrics = Score(Lvis, image);
        Assert.That(metrics.Categories.Select(c => (c.Category, c.AveragePrecision)), Is.EqualTo(new (string, double?)[] { ("cat", .5), ("dog", 1) }));
    }

    [Test]
    public void DetectionsAreLimitedForTheWholeImage()
    {
        // Three detections, two count: the cat's .1 is cut off, though it is the only one of its category. Two parts of an
        // image share the limit.
        TrueObject dog = Object("dog", 0, 0, 10, 10), cat = Object("cat", 0, 0, 10, 10);
        DetectedObject[] dogs = [Detection("dog", .9f, 0, 0, 10, 10), Detection("dog", .8f, 50, 0, 60, 10)];
        var right = Detection("cat", .1f, 0, 0, 10, 10);
        var settings = Lvis with { MaximumDetections = 2 };
        var whole = Image(1, [dog, cat], [.. dogs, right]);
        Assert.Multiple(() =>
        {
            Assert.That(Score(settings, whole).AveragePrecision, Is.EqualTo(.5).Within(1e-12));
            Assert.That(Score(settings, Image(1, [cat], right), Image(1, [dog], dogs)).AveragePrecision, Is.EqualTo(.5).Within(1e-12));
            Assert.That(Score(settings, Image(1, [dog], dogs), Image(2, [cat], right)).AveragePrecision, Is.EqualTo(1).Within(1e-12));
            Assert.That(Score(Lvis, whole).AveragePrecision, Is.EqualTo(1).Within(1e-12));
            // A detection that is not judged, as nobody looked for yaks, takes a place all the same: the dog and the yak.
            Assert.That(Score(settings, Image(1, [dog, cat], dogs[0], Detection("yak", .5f, 0, 0, 10, 10), right)).AveragePrecision, Is.EqualTo(.5).Within(1e-12));
        });
    }

    [Test]
    public void RareCommonAndFrequentCategoriesAreAveragedApart()
    {
        // dog is found (1), cat is second to a wrong one (1/2), yak not at all (0).
        var settings = Lvis with
        {
            Frequencies = new Dictionary<string, CategoryFrequency>
            {
                ["dog"] = CategoryFrequency.Frequent, ["cat"] = CategoryFrequency.Frequent, ["yak"] = CategoryFrequency.Rare, ["emu"] = CategoryFrequency.Common,
            },
        };
        var metrics = Score(settings, Image(1,
            [Object("dog", 0, 0, 10, 10), Object("cat", 0, 0, 10, 10), Object("yak", 0, 0, 10, 10)],
            Detection("dog", .9f, 0, 0, 10, 10), Detection("cat", .9f, 50, 0, 60, 10), Detection("cat", .8f, 0, 0, 10, 10)));
        Assert.Multiple(() =>
        {
            Assert.That(metrics.AveragePrecision, Is.EqualTo(.5).Within(1e-12));
            Assert.That(metrics.FrequentAveragePrecision, Is.EqualTo(.75).Within(1e-12));
            Assert.That(metrics.RareAveragePrecision, Is.Zero);
            Assert.That(metrics.CommonAveragePrecision, Is.Null, "no emu is to be found");
            Assert.That(metrics.ToString(), Does.Contain("AP rare").And.Contain("0.7500"));
        });
    }
}
