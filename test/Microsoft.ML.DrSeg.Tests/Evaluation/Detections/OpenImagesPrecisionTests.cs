using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.Imaging;
using NUnit.Framework;
using static Microsoft.ML.DrSeg.Tests.Evaluation.Detections.Scene;

namespace Microsoft.ML.DrSeg.Tests.Evaluation.Detections;

public class OpenImagesPrecisionTests
{
    private static readonly DetectionSettings OpenImages = new() { Protocol = DetectionProtocol.OpenImages };

    private static double? Score50(DetectionSettings settings, params DetectionImage[] images) => Score(settings, images).AveragePrecision50;

    [Test]
    public void TheAreaUnderTheWholeEnvelopeCounts()
    {
        // Right, wrong, right of three dogs: (1 + 2/3 + 0) / 3. COCO's 101 points would give another figure.
        var image = Image("0a1b",
            [Object("dog", 0, 0, 10, 10), Object("dog", 50, 0, 60, 10), Object("dog", 100, 0, 110, 10)],
            Detection("dog", .9f, 0, 0, 10, 10), Detection("dog", .8f, 0, 100, 10, 110), Detection("dog", .7f, 50, 0, 60, 10));
        var metrics = Score(OpenImages, image);
        Assert.Multiple(() =>
        {
            Assert.That(metrics.AveragePrecision50, Is.EqualTo((1 + 2 / 3.0) / 3).Within(1e-12));
            Assert.That(metrics.AveragePrecision, Is.Null);
            Assert.That(metrics.ToString(), Does.Contain("AP@.5").And.Contain("0.5556"));
        });
    }

    [Test]
    public void ADetectionStandsForItsNearestObjectOnly()
    {
        // Both detections overlap the left dog most (100/100 and 100/160), the second the right one as well (with 100/160 too, but
        // the first of equals is meant). COCO would turn to the free one; here the second is wrong, and after all: 1 of 2 found.
        TrueObject[] dogs = [Object("dog", 0, 0, 10, 10), Object("dog", 6, 0, 16, 10)];
        DetectedObject[] both = [Detection("dog", .9f, 0, 0, 10, 10), Detection("dog", .8f, 0, 0, 16, 10)];
        Assert.Multiple(() =>
        {
            Assert.That(Score50(OpenImages, Image(1, dogs, both)), Is.EqualTo(.5).Within(1e-12));
            Assert.That(Coco(Image(1, dogs, both)).AveragePrecision50, Is.EqualTo(1).Within(1e-12));
        });
    }

    [Test]
    public void AGroupIsFoundByItsBestDetectionAndExcusesTheOthers()
    {
        // The group of 40 x 40 holds two detections wholly (100/100 of their area). A dog of its own is found by the third.
        var group = Object("dog", 0, 0, 40, 40, isCrowd: true);
        var dog = Object("dog", 100, 0, 110, 10);
        DetectedObject[] detections = [Detection("dog", .9f, 0, 0, 10, 10), Detection("dog", .8f, 20, 20, 30, 30), Detection("dog", .7f, 100, 0, 110, 10)];
        var excusing = OpenImages with { GroupsCount = false };
        Assert.Multiple(() =>
        {
            Assert.That(Score50(OpenImages, Image(1, [group, dog], detections)), Is.EqualTo(1).Within(1e-12), "2 of 2");
            Assert.That(Score50(excusing, Image(1, [group, dog], detections)), Is.EqualTo(1).Within(1e-12), "1 of 1");
            // Nobody finds the group: one of two, with precision 1; or nothing is missed.
            Assert.That(Score50(OpenImages, Image(1, [group, dog], detections[2])), Is.EqualTo(.5).Within(1e-12));
            Assert.That(Score50(excusing, Image(1, [group, dog], detections[2])), Is.EqualTo(1).Within(1e-12));
            // 40 of the 100 pixels inside are too few: wrong, then right: 1/2 for the dog, nothing for the group.
            Assert.That(Score50(OpenImages, Image(1, [group, dog], Detection("dog", .9f, 36, 0, 46, 10), detections[2])), Is.EqualTo(.25).Within(1e-12));
        });
    }

    [Test]
    public void AGroupWithoutAMaskExcusesByItsBoxAndIsNotToBeFound()
    {
        var group = new TrueObject("dog", null, new BoundingBox(0, 0, 40, 40)) { IsCrowd = true };
        var dog = Object("dog", 100, 0, 110, 10);
        var image = Image(1, [group, dog], Detection("dog", .9f, 0, 0, 10, 10), Detection("dog", .7f, 100, 0, 110, 10));
        Assert.Multiple(() =>
        {
            Assert.That(Score50(OpenImages, image), Is.EqualTo(1).Within(1e-12));
            Assert.That(Score(OpenImages, image).Categories.Single().ObjectCount, Is.EqualTo(1));
        });
    }

    [Test]
    public void AnObjectWithoutAMaskExcusesOneDetection()
    {
        // Two detections on the box of a dog without a mask: the better one is excused, the other wrong. Then the dog with a
        // mask: rank 2, precision 1/2.
        var unmasked = new TrueObject("dog", null, new BoundingBox(0, 0, 10, 10));
        var image = Image(1, [unmasked, Object("dog", 100, 0, 110, 10)],
            Detection("dog", .9f, 0, 0, 10, 10), Detection("dog", .8f, 0, 0, 10, 9), Detection("dog", .7f, 100, 0, 110, 10));
        Assert.That(Score50(OpenImages, image), Is.EqualTo(.5).Within(1e-12));
    }

    [Test]
    public void OnlyVerifiedCategoriesCount()
    {
        var first = Image(1, [Object("dog", 0, 0, 10, 10)], Detection("dog", .5f, 0, 0, 10, 10));
        var second = Image(2, [], Detection("dog", .9f, 0, 0, 10, 10));
        Assert.Multiple(() =>
        {
            Assert.That(Score50(OpenImages, first, second), Is.EqualTo(1).Within(1e-12), "nobody looked for dogs");
            Assert.That(Score50(OpenImages, first, second with { AbsentCategories = ["dog"] }), Is.EqualTo(.5).Within(1e-12));
            Assert.That(Score50(OpenImages, first, second with { PresentCategories = ["dog"] }), Is.EqualTo(.5).Within(1e-12), "there, but no box: a mistake of place");
        });
    }

    [Test]
    public void ObjectsAreOfEveryCategoryAboveTheirs()
    {
        // A dog and a cat are two animals; an animal is detected on the dog. animal: 1 of 2 at precision 1 = .5; dog: none
        // detected = 0; cat: found = 1. Expanding detections, the cat's finds the second animal: animal = 1.
        var hierarchy = new CategoryHierarchy([("animal", "dog"), ("animal", "cat"), ("thing", "animal")]);
        var settings = OpenImages with { Hierarchy = hierarchy };
        var image = Image(1, [Object("dog", 0, 0, 10, 10), Object("cat", 50, 0, 60, 10)],
            Detection("animal", .9f, 0, 0, 10, 10), Detection("cat", .8f, 50, 0, 60, 10));
        Assert.Multiple(() =>
        {
            Assert.That(Score(settings, image).Categories.Select(c => (c.Category, c.AveragePrecision50)),
                Is.EqualTo(new (string, double?)[] { ("animal", .5), ("cat", 1), ("dog", 0), ("thing", 0) }));
            Assert.That(Score(settings with { ExpandDetections = true }, image).Categories.Select(c => (c.Category, c.AveragePrecision50)),
                Is.EqualTo(new (string, double?)[] { ("animal", 1), ("cat", 1), ("dog", 0), ("thing", 1) }));
        });
    }

    [Test]
    public void WhatIsAbsentIsAbsentWithAllItsKinds()
    {
        // No animal is in image 2, so the dog detected there is wrong, and first.
        var settings = OpenImages with { Hierarchy = new CategoryHierarchy([("animal", "dog")]) };
        var first = Image(1, [Object("dog", 0, 0, 10, 10)], Detection("dog", .5f, 0, 0, 10, 10));
        var second = Image(2, [], Detection("dog", .9f, 0, 0, 10, 10));
        Assert.Multiple(() =>
        {
            Assert.That(Score(settings, first, second with { AbsentCategories = ["animal"] }).Categories[1].AveragePrecision50, Is.EqualTo(.5).Within(1e-12));
            Assert.That(Score(settings, first, second with { PresentCategories = ["animal"] }).Categories[1].AveragePrecision50, Is.EqualTo(1).Within(1e-12), "some animal, perhaps a dog");
        });
    }

    [Test]
    public void AHierarchyHasNoCycles() =>
        Assert.That(() => new CategoryHierarchy([("a", "b"), ("b", "c"), ("c", "a")]), Throws.ArgumentException.With.Message.Contains("cycle"));

    [Test]
    public void AnImageInPartsCannotBeExpanded()
    {
        var settings = OpenImages with { Hierarchy = new CategoryHierarchy([("animal", "dog"), ("animal", "cat")]) };
        Assert.That(() => Score(settings, Image(1, [Object("dog", 0, 0, 10, 10)]), Image(1, [Object("cat", 0, 0, 10, 10)]) with { Row = 1 }),
            Throws.InvalidOperationException.With.Message.Contains("'animal'").And.Message.Contains("hierarchy"));
    }
}
