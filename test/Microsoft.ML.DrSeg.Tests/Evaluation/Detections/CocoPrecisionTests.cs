using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using NUnit.Framework;
using static Microsoft.ML.DrSeg.Tests.Evaluation.Detections.Scene;

namespace Microsoft.ML.DrSeg.Tests.Evaluation.Detections;

public class CocoPrecisionTests
{
    [Test]
    public void FiguresAreWhatTheHandSays()
    {
        // Two dogs of 10 x 10. By score: the first exactly, nothing, the upper half of the second (IoU 50/100).
        // At .5: right, wrong, right. Recall .5 at precision 1, recall 1 at precision 2/3: 51 recalls (0 to .50) at 1 and 50
        // at 2/3. From .55 on the third is wrong too: 51 recalls at 1, the others at 0.
        var metrics = Coco(Image(1,
            [Object("dog", 0, 0, 10, 10), Object("dog", 50, 0, 60, 10)],
            Detection("dog", .9f, 0, 0, 10, 10), Detection("dog", .8f, 100, 100, 110, 110), Detection("dog", .7f, 50, 0, 60, 5)));
        double atHalf = (51 + 50 * 2 / 3.0) / 101, above = 51 / 101.0;
        Assert.Multiple(() =>
        {
            Assert.That(metrics.AveragePrecision50, Is.EqualTo(atHalf).Within(1e-12));
            Assert.That(metrics.AveragePrecision75, Is.EqualTo(above).Within(1e-12));
            Assert.That(metrics.AveragePrecision, Is.EqualTo((atHalf + 9 * above) / 10).Within(1e-12));
            Assert.That(metrics.SmallAveragePrecision, Is.EqualTo(metrics.AveragePrecision).Within(1e-12));
            Assert.That(metrics.MediumAveragePrecision, Is.Null);
            Assert.That(metrics.LargeAveragePrecision, Is.Null);
            Assert.That(metrics.RareAveragePrecision, Is.Null);
            Assert.That(metrics.Categories.Single(), Is.EqualTo(new CategoryPrecision("dog", metrics.AveragePrecision, metrics.AveragePrecision50, 2)
            {
                AverageRecall = metrics.AverageRecall, F1 = .8, BestScore = .7f,
            }));
        });
    }

    [Test]
    public void CrowdsExcuseAnyNumberOfDetectionsInsideThem()
    {
        // Both small detections lie wholly inside the crowd: 100/100 of their area, though only 100/1600 of the union. They
        // count neither way; one dog is to be found, and is. Were the crowd matchable once, AP would be a half.
        var metrics = Coco(Image(1,
            [Object("dog", 0, 0, 40, 40, isCrowd: true), Object("dog", 50, 50, 60, 60)],
            Detection("dog", .9f, 0, 0, 10, 10), Detection("dog", .8f, 20, 20, 30, 30), Detection("dog", .7f, 50, 50, 60, 60)));
        Assert.Multiple(() =>
        {
            Assert.That(metrics.AveragePrecision, Is.EqualTo(1).Within(1e-12));
            Assert.That(metrics.Categories.Single().ObjectCount, Is.EqualTo(1));
        });
    }

    [Test]
    public void ACategoryOfCrowdsAloneIsLeftOut()
    {
        var metrics = Coco(Image(1, [Object("dog", 0, 0, 40, 40, isCrowd: true)], Detection("dog", .9f, 0, 0, 10, 10)));
        Assert.Multiple(() =>
        {
            Assert.That(metrics.Categories, Is.Empty);
            Assert.That(metrics.AveragePrecision, Is.Null);
            Assert.That(metrics.ToString(), Does.Contain("-"));
        });
    }

    [Test]
    public void DetectionsOfCategoriesWithoutTruthAreLeftOut()
    {
        // Nothing is known to be a cat, so cats have no AP; dogs are found perfectly, and that is the mean.
        var metrics = Coco(Image(1, [Object("dog", 0, 0, 10, 10)], Detection("cat", .9f, 0, 0, 10, 10), Detection("dog", .1f, 0, 0, 10, 10)));
        Assert.That(metrics.AveragePrecision, Is.EqualTo(1).Within(1e-12));
    }

    [Test]
    public void OneObjectIsFoundOnce()
    {
        // The second detection of the same dog is wrong, but comes after all there is to find: precision at recall 1 stays 1.
        // With its score above, it is the one that counts, and IoU 81/100 is reached at .50 to .80 only, the perfect one
        // being second then: rank 2, precision 1/2.
        DetectedObject exact = Detection("dog", .5f, 0, 0, 10, 10), close = Detection("dog", .4f, 0, 0, 9, 9);
        TrueObject[] dog = [Object("dog", 0, 0, 10, 10)];
        Assert.Multiple(() =>
        {
            Assert.That(Coco(Image(1, dog, exact, close)).AveragePrecision, Is.EqualTo(1).Within(1e-12));
            Assert.That(Coco(Image(1, dog, exact, close with { Score = .6f })).AveragePrecision, Is.EqualTo((7 * 1 + 3 * .5) / 10).Within(1e-12));
        });
    }

    [Test]
    public void SizesAreThoseOfTheAnnotation()
    {
        // One dog of 40 x 40 = 1600 pixels is medium, whatever small box comes first: with all sizes that one is wrong (rank 2,
        // precision 1/2), among medium ones it is passed over, as its own 25 pixels are small.
        var medium = Coco(Image(1, [Object("dog", 0, 0, 40, 40)], Detection("dog", .9f, 100, 100, 105, 105), Detection("dog", .8f, 0, 0, 40, 40)));
        // The same pixels with an annotated area of 500 are small: there the right detection counts, as it is matched.
        var small = Coco(Image(1, [Object("dog", 0, 0, 40, 40) with { Area = 500 }], Detection("dog", .8f, 0, 0, 40, 40)));
        // 32 x 32 is small and medium.
        var border = Coco(Image(1, [Object("dog", 0, 0, 32, 32)], Detection("dog", .8f, 0, 0, 32, 32)));
        Assert.Multiple(() =>
        {
            Assert.That(medium.AveragePrecision, Is.EqualTo(.5).Within(1e-12));
            Assert.That(medium.MediumAveragePrecision, Is.EqualTo(1).Within(1e-12));
            Assert.That(medium.SmallAveragePrecision, Is.Null);
            Assert.That(small.SmallAveragePrecision, Is.EqualTo(1).Within(1e-12));
            Assert.That(small.MediumAveragePrecision, Is.Null);
            Assert.That(border.SmallAveragePrecision, Is.EqualTo(1).Within(1e-12));
            Assert.That(border.MediumAveragePrecision, Is.EqualTo(1).Within(1e-12));
        });
    }

    [Test]
    public void AWantedObjectIsPreferredToABetterIgnoredOne()
    {
        // Among small objects, the large dog is ignored. The detection covers it with 1600/1800 but the small one with only
        // 900/1800 = .5; it must take the small one where that reaches the threshold (.5), and is ignored with the large one
        // above it. Nothing is left to be wrong: precision 1 at .5, and no recall above.
        TrueObject[] dogs = [Object("dog", 0, 0, 40, 40) with { Area = 5000 }, Object("dog", 10, 0, 40, 30) with { Area = 900 }];
        var metrics = Coco(Image(1, dogs, Detection("dog", .9f, 0, 0, 45, 40)));
        Assert.That(metrics.SmallAveragePrecision, Is.EqualTo(.1).Within(1e-12));
    }

    [Test]
    public void TiesGoToTheLowerImageIdInWhateverOrderImagesCome()
    {
        // One dog in each of images 2 and 10 (numbers, not texts: 2 is lower). Image 2's detection is wrong, image 10's right,
        // scores are equal. Wrong, right: precision 1/2 up to recall 1/2: 51 recalls.
        TrueObject[] dog = [Object("dog", 0, 0, 10, 10)];
        DetectionImage[] images =
        [
            Image(10, dog, Detection("dog", .5f, 0, 0, 10, 10)) with { Row = 0 },
            Image(2, dog, Detection("dog", .5f, 50, 50, 60, 60)) with { Row = 1 },
        ];
        Assert.Multiple(() =>
        {
            Assert.That(Coco(images).AveragePrecision, Is.EqualTo(51 * .5 / 101).Within(1e-12));
            Assert.That(Coco([.. images.Reverse()]).AveragePrecision, Is.EqualTo(51 * .5 / 101).Within(1e-12));
        });
    }

    [Test]
    public void TiesWithinAnImageGoToTheFirst()
    {
        TrueObject[] dog = [Object("dog", 0, 0, 10, 10)];
        DetectedObject right = Detection("dog", .5f, 0, 0, 10, 10), wrong = Detection("dog", .5f, 50, 50, 60, 60);
        Assert.Multiple(() =>
        {
            Assert.That(Coco(Image(1, dog, right, wrong)).AveragePrecision, Is.EqualTo(1).Within(1e-12));
            Assert.That(Coco(Image(1, dog, wrong, right)).AveragePrecision, Is.EqualTo(.5).Within(1e-12));
        });
    }

    [Test]
    public void OnlyTheHundredBestOfAnImageAndCategoryCount()
    {
        // 100 wrong dogs, then the right one: cut off; with a limit of 101 its precision is 1/101. Cats do not use the dogs' up.
        var wrong = Enumerable.Range(0, 100).Select(i => Detection("dog", 1, 100, 100, 110, 110));
        DetectedObject[] all = [.. wrong, Detection("dog", .5f, 0, 0, 10, 10), Detection("cat", .1f, 0, 0, 10, 10)];
        var image = Image(1, [Object("dog", 0, 0, 10, 10), Object("cat", 0, 0, 10, 10)], all);
        Assert.Multiple(() =>
        {
            Assert.That(Coco(image).Categories.Select(c => c.AveragePrecision), Is.EqualTo(new double?[] { 1, 0 }).Within(1e-12));
            Assert.That(Score(new() { MaximumDetections = 101 }, image).Categories[1].AveragePrecision, Is.EqualTo(1 / 101.0).Within(1e-12));
        });
    }

    [Test]
    public void NothingIsFoundInEmptyMasks()
    {
        // Empty against empty has union 0: as an answer to a query it is right, as a detection it finds nothing.
        var empty = SegmentationMask.Empty(Side, Side);
        var metrics = Coco(Image(1, [new("dog", empty)], new DetectedObject("dog", .9f, empty)));
        Assert.That(metrics.AveragePrecision, Is.Zero);
    }

    [Test]
    public void BoxesAreComparedInTheirPlace()
    {
        // Masks do not meet, boxes are the same: half a box of 10 x 10 each.
        var settings = new DetectionSettings { Overlap = DetectionOverlap.Boxes };
        var box = new BoundingBox(.5f, .5f, 10.5f, 10.5f);
        var image = new DetectionImage
        {
            Id = 1,
            Truth = [new("dog", Mask(0, 0, 5, 10), box), new("cat", null, new(0, 0, 10, 10))],
            Detections = [new("dog", .9f, Mask(5, 0, 10, 10), box), new("cat", .9f, null, new(0, 0, 10, 5))],
        };
        var metrics = Score(settings, image);
        Assert.Multiple(() =>
        {
            Assert.That(metrics.Categories[0].AveragePrecision, Is.EqualTo(.1).Within(1e-12), "cat: IoU .5 exactly");
            Assert.That(metrics.Categories[1].AveragePrecision, Is.EqualTo(1).Within(1e-12), "dog");
            Assert.That(Coco(image with { Truth = [image.Truth[0]], Detections = [image.Detections[0]] }).AveragePrecision, Is.Zero);
        });
    }

    [Test]
    public void RecallIsComparedAsCocoRoundsIt()
    {
        // 29 of 100 found: 29 * .01 in floating point is .29 and reached, 57 * .01 is .5700000000000001 and not reached by 57.
        Assert.Multiple(() =>
        {
            Assert.That(PrecisionCurve.AverageAt101Recalls([.. Enumerable.Range(1, 29)], 100), Is.EqualTo(30 / 101.0).Within(1e-12));
            Assert.That(PrecisionCurve.AverageAt101Recalls([.. Enumerable.Range(1, 57)], 100), Is.EqualTo(57 / 101.0).Within(1e-12));
        });
    }

    [Test]
    public void HostileInputIsNamed()
    {
        var other = SegmentationMask.Empty(10, 10);
        TrueObject[] dog = [Object("dog", 0, 0, 10, 10)];
        Assert.Multiple(() =>
        {
            Assert.That(() => new DetectedObject("dog", 1, null), Throws.ArgumentException.With.Message.Contains("neither"));
            Assert.That(() => Coco(Image(1, dog, new DetectedObject("dog", 1, other))), Throws.ArgumentException.With.Message.Contains("10 x 10"));
            Assert.That(() => Coco(Image(7, dog) with { Row = 3 }, Image(7, dog) with { Row = 5 }),
                Throws.InvalidOperationException.With.Message.Contains("Image 7").And.Message.Contains("'dog'").And.Message.Contains("row 3").And.Message.Contains("row 5"));
            Assert.That(() => new DetectionAccumulator(new() { MaximumDetections = 0 }), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => new DetectionAccumulator(new() { ExpandDetections = true }), Throws.ArgumentException.With.Message.Contains("hierarchy"));
        });
    }
}
