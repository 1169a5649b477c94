using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Rewards;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Rewards;

public class CandidateMetricsTests
{
    private static readonly BoundingBox TruthBox = new(10, 10, 20, 20);
    private static readonly GroundTruth Truth = new(SegmentationMask.FromBox(TruthBox, 84, 84));
    private static readonly GroundTruth Nothing = new(SegmentationMask.Empty(84, 84));

    /// <summary>All that can be measured without a text.</summary>
    private static CandidateMetrics Everywhere(double value) => new(value, value, value, value, value, value)
    {
        BoundaryIoU = value,
        BoxL1Score = value,
        Format = double.NaN,
        LookSpan = double.NaN,
        NonRepetition = double.NaN,
    };

    private static GeneratedAnswer Answer(params SegmentedObject[] objects) => new([], [], true, new TextAnswer(objects, "", []));

    /// <summary>One object, or none where the box is the default.</summary>
    private static CandidateMetrics Measure(SegmentationMask mask, BoundingBox box, PixelPoint point, GroundTruth truth) =>
        CandidateMetrics.Measure(box == default ? Answer() : Answer(new SegmentedObject(box, point, mask)), mask, truth);

    private static SegmentationMask Rectangle(int x, int y, int width = 10, int height = 10) => SegmentationMask.FromBox(new(x, y, x + width, y + height), 84, 84);

    [Test]
    public void TheTruthItselfScoresOneEverywhere()
    {
        var metrics = Measure(Truth.Mask, TruthBox, Truth.Point, Truth);
        Assert.That(metrics, Is.EqualTo(Everywhere(1)));
    }

    [Test]
    public void TheTruthHasItsObjectsWithBoxAndPoint()
    {
        SegmentationMask left = SegmentationMask.FromBox(new(10, 10, 15, 20), 84, 84), right = SegmentationMask.FromBox(new(15, 10, 20, 20), 84, 84);
        var two = new GroundTruth(Truth.Mask, [right, left]);
        Assert.Multiple(() =>
        {
            Assert.That(Truth.Objects, Is.EqualTo(new[] { SegmentedObject.Of(Truth.Mask) }));
            Assert.That(Nothing.Objects, Is.Empty);
            Assert.That(new GroundTruth(Truth.Mask, [Truth.Mask]).Objects, Is.EqualTo(Truth.Objects));
            Assert.That(two.Objects, Is.EqualTo(new[] { SegmentedObject.Of(right), SegmentedObject.Of(left) }));
            Assert.That((two.Mask, two.Box, two.Point), Is.EqualTo((Truth.Mask, Truth.Box, Truth.Point)), "what is said of all together stays");
            Assert.That(new GroundTruth(Nothing.Mask, []).Objects, Is.Empty);
            Assert.That(() => new GroundTruth(Truth.Mask, [left, SegmentationMask.Empty(84, 84)]), Throws.ArgumentException.With.Message.Contains("empty"));
            Assert.That(() => new GroundTruth(Truth.Mask, [left, SegmentationMask.Empty(7, 9)]), Throws.ArgumentException.With.Message.Contains("object 1").And.Message.Contains("7 x 9"));
        });
    }

    [Test]
    public void AShiftedBoxScoresWhatTheHandSays()
    {
        // Two 10 x 10 squares, one shifted by 5: shared 50, joint 150; Dice 100 / 200.
        var box = new BoundingBox(15, 10, 25, 20);
        var metrics = Measure(SegmentationMask.FromBox(box, 84, 84), box, Truth.Point, Truth);
        Assert.Multiple(() =>
        {
            Assert.That(metrics.MaskIoU, Is.EqualTo(1 / 3.0).Within(1e-12));
            Assert.That(metrics.Dice, Is.EqualTo(0.5).Within(1e-12));
            Assert.That(metrics.AveragePrecision, Is.Zero);
            Assert.That(metrics.BoxIoU, Is.EqualTo(1 / 3.0).Within(1e-6));
            Assert.That(metrics.CountScore, Is.EqualTo(1));
            Assert.That(metrics.IsFailed, Is.False);
        });
    }

    [Test]
    public void BoundaryIoUComparesBandsAlongTheBorders()
    {
        // 2 % of the diagonal of 84 x 84 is 2 pixels. Squares of 20 and 16 around one centre: rings of 20 - 16 and 16 - 12.
        var truth = new GroundTruth(SegmentationMask.FromBox(new(20, 20, 40, 40), 84, 84));
        var inner = new BoundingBox(22, 22, 38, 38);
        var apart = Measure(SegmentationMask.FromBox(inner, 84, 84), inner, truth.Point, truth);
        // Shifted by one to the right: two rings of 144 pixels, their overlap counted pixel by pixel.
        var shifted = truth.Box with { X0 = 21, X1 = 41 };
        var near = Measure(SegmentationMask.FromBox(shifted, 84, 84), shifted, truth.Point, truth);
        Assert.Multiple(() =>
        {
            Assert.That(apart.BoundaryIoU, Is.Zero);
            Assert.That(apart.MaskIoU, Is.EqualTo(256 / 400.0));
            Assert.That(near.BoundaryIoU, Is.EqualTo(SharedRing() / (288.0 - SharedRing())).Within(1e-12));
        });

        static int SharedRing()
        {
            bool InRing(int x, int y, int left) => x >= left && x < left + 20 && y is >= 20 and < 40 && !(x >= left + 2 && x < left + 18 && y is >= 22 and < 38);
            return Enumerable.Range(0, 84 * 84).Count(i => InRing(i % 84, i / 84, 20) && InRing(i % 84, i / 84, 21));
        }
    }

    [TestCase(0.0, 0.0)]
    [TestCase(0.499999, 0.0)]
    [TestCase(0.5, 0.1)]
    [TestCase(0.55, 0.2)]
    [TestCase(0.62, 0.3)]
    [TestCase(0.949999, 0.9)]
    [TestCase(0.95, 1.0)]
    [TestCase(1.0, 1.0)]
    public void AveragePrecisionIsTheShareOfThresholdsReached(double iou, double expected) =>
        Assert.That(CandidateScores.AveragePrecision(iou), Is.EqualTo(expected));

    [Test]
    public void AnIoUThatEqualsAThresholdReachesIt()
    {
        for (var twentieth = 10; twentieth <= 19; twentieth++)
            Assert.That(CandidateScores.AveragePrecision(twentieth / 20.0), Is.EqualTo((twentieth - 9) / 10.0), $"{twentieth}/20");
    }

    [TestCase(0, 1.0)]
    [TestCase(30, 1.0)]
    [TestCase(115, 0.5)]
    [TestCase(200, 0.0)]
    [TestCase(700, 0.0)]
    public void PointScoreIsThePapersOnThePapersCanvas(float distance, double expected) =>
        Assert.That(PointScore(new(50 + distance, 70), new(50, 70), 840, 840), Is.EqualTo(expected).Within(1e-9));

    [Test]
    public void PointScoreDoesNotDependOnTheImageSize()
    {
        var large = PointScore(new(300, 400), new(360, 480), 1200, 900);
        var small = PointScore(new(30, 40), new(36, 48), 120, 90);
        Assert.That(large, Is.EqualTo(small).Within(1e-12).And.GreaterThan(0).And.LessThan(1));
    }

    [TestCase(0, 1.0)]
    [TestCase(40, 1.0)]
    [TestCase(420, 0.5)]
    [TestCase(800, 0.0)]
    public void BoxScoreIsThePapersThresholdMadeContinuous(float difference, double expected) =>
        Assert.That(BoxL1Score(new(10, 10, 20, 20), new(10, 10, 20 + difference, 20), 840, 840), Is.EqualTo(expected).Within(1e-9));

    [TestCase(1, 1, 1.0)]
    [TestCase(0, 0, 1.0)]
    [TestCase(0, 3, 0.0)]
    [TestCase(2, 3, 2 / 3.0)]
    [TestCase(3, 2, 2 / 3.0)]
    public void CountScoreIsFewerOverMore(int answered, int wanted, double expected) =>
        Assert.That(CandidateScores.Count(answered, wanted), Is.EqualTo(expected).Within(1e-12));

    [Test]
    public void NothingAnsweredWhereNothingIsWantedIsAFullScore()
    {
        var metrics = Measure(Nothing.Mask, default, default, Nothing);
        Assert.That(metrics, Is.EqualTo(Everywhere(1)));
    }

    [Test]
    public void SomethingWhereNothingIsWantedAndTheReverseScoreZero()
    {
        var invented = Measure(Truth.Mask, TruthBox, Truth.Point, Nothing);
        var missed = Measure(Nothing.Mask, default, default, Truth);
        Assert.Multiple(() =>
        {
            Assert.That(invented, Is.EqualTo(Everywhere(0)));
            Assert.That(missed, Is.EqualTo(Everywhere(0)));
        });
    }

    /// <summary>Of one object against one, nothing but the formulas, bit for bit: no mean and no matching may round.</summary>
    [Test]
    public void OneObjectAgainstOneIsTheFormulasToTheBit()
    {
        var random = new Random(4);
        for (var trial = 0; trial < 300; trial++)
        {
            SegmentationMask Draw() => Rectangle(random.Next(60), random.Next(60), 1 + random.Next(24), 1 + random.Next(24));
            var (mask, truth) = (Draw(), new GroundTruth(Draw()));
            var box = mask.Box.Enlarge(0.8f + random.NextSingle());
            var point = new PixelPoint(84 * random.NextSingle(), 84 * random.NextSingle());
            var wanted = truth.Objects.Single();
            var expected = new CandidateMetrics(
                mask.IntersectionOverUnion(truth.Mask), mask.Dice(truth.Mask), CandidateScores.AveragePrecision(mask.IntersectionOverUnion(truth.Mask)),
                box.IntersectionOverUnion(wanted.Box), PointScore(point, wanted.Point, 84, 84), 1)
            {
                BoundaryIoU = mask.Boundary().IntersectionOverUnion(truth.Mask.Boundary()),
                BoxL1Score = BoxL1Score(box, wanted.Box, 84, 84),
                Format = double.NaN,
                LookSpan = double.NaN,
                NonRepetition = double.NaN,
            };
            Assert.That(Measure(mask, box, point, truth), Is.EqualTo(expected));
        }
    }

    [Test]
    public void ObjectsAreMatchedAndTheirMasksComparedTogether()
    {
        SegmentationMask[] wanted = [Rectangle(0, 0), Rectangle(40, 40), Rectangle(70, 0)];
        var truth = new GroundTruth(SegmentationMask.Union(wanted, 84, 84), wanted);
        // The second shifted by half, the first exactly, in the other order; the third is missing.
        SegmentedObject[] answered = [SegmentedObject.Of(Rectangle(45, 40)), SegmentedObject.Of(wanted[0])];
        var metrics = CandidateMetrics.Measure(Answer(answered), SegmentationMask.Union(answered.Select(one => one.Mask!), 84, 84), truth);
        Assert.Multiple(() =>
        {
            Assert.That(metrics.BoxIoU, Is.EqualTo((1 + 1 / 3.0) / 2).Within(1e-12));
            Assert.That(metrics.CountScore, Is.EqualTo(2 / 3.0).Within(1e-12));
            // The diagonal is a tenth of the paper's canvas: 5 pixels off of 3 .. 20.
            Assert.That(metrics.PointScore, Is.EqualTo((1 + (20 - 5) / 17.0) / 2).Within(1e-6));
            // 100 and 50 pixels shared; 200 answered and 300 wanted.
            Assert.That(metrics.MaskIoU, Is.EqualTo(150 / 350.0).Within(1e-12));
            Assert.That(metrics.Dice, Is.EqualTo(300 / 500.0).Within(1e-12));
            Assert.That(metrics.AveragePrecision, Is.Zero);
            Assert.That(metrics.BoundaryIoU, Is.GreaterThan(0).And.LessThan(1));
        });
    }

    [Test]
    public void ObjectsWithoutAPixelAreNotNothing()
    {
        var empty = Nothing.Mask;
        Assert.That(CandidateMetrics.Measure(Answer(new SegmentedObject(TruthBox, new(12, 12), empty)), empty, Nothing), Is.EqualTo(Everywhere(0)));
    }

    [Test]
    public void AMaskAloneIsTheOneObjectThatItShows()
    {
        Assert.That(CandidateMetrics.Measure(Truth.Mask, Truth), Is.EqualTo(Everywhere(1)));
        Assert.That(CandidateMetrics.Measure(Nothing.Mask, Nothing), Is.EqualTo(Everywhere(1)));
        Assert.That(CandidateMetrics.Measure(Nothing.Mask, Truth), Is.EqualTo(Everywhere(0)));
    }

    [Test]
    public void WhatAPolicyWroteIsMeasuredAsATextToo()
    {
        var parsed = new TextAnswer([SegmentedObject.Of(Truth.Mask)], "So. So. So.", ["here"]);
        var written = new GeneratedAnswer([], [], true, parsed) { Text = parsed.ToText() };
        var metrics = CandidateMetrics.Measure(written, Truth.Mask, Truth);
        Assert.That(metrics, Is.EqualTo(Everywhere(1) with { Format = 1, LookSpan = 1, NonRepetition = 0 }));
        Assert.That(CandidateMetrics.Measure(written with { Text = null }, Truth.Mask, Truth), Is.EqualTo(Everywhere(1)));
    }

    [Test]
    public void AFailedAnswerIsMarkedAndOverLongOnesToo([Values] FailedAnswerReason reason) =>
        Assert.That(CandidateMetrics.Measure(new GeneratedAnswer([], [], false, new FailedAnswer(reason, "it is none")), null, Truth),
            Is.EqualTo(CandidateMetrics.Failed with { IsOverLong = reason == FailedAnswerReason.OverLong }));

    [Test]
    public void AnHonestZeroIsNotAFailure()
    {
        var box = new BoundingBox(60, 60, 70, 70);
        var zero = Measure(SegmentationMask.FromBox(box, 84, 84), box, new(65, 65), Truth) with { CountScore = 0 };
        Assert.Multiple(() =>
        {
            Assert.That(zero.MaskIoU, Is.Zero);
            Assert.That(zero, Is.Not.EqualTo(CandidateMetrics.Failed));
            Assert.That(CandidateMetrics.Failed.IsFailed, Is.True);
        });
    }

    [Test]
    public void NumbersThatAreNotFiniteAreFailedAnswers()
    {
        foreach (var bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            Assert.That(Measure(Truth.Mask, TruthBox with { X1 = bad }, Truth.Point, Truth), Is.EqualTo(CandidateMetrics.Failed));
            Assert.That(Measure(Truth.Mask, TruthBox with { Y0 = bad }, Truth.Point, Truth), Is.EqualTo(CandidateMetrics.Failed));
            Assert.That(Measure(Truth.Mask, TruthBox, new(bad, 12), Truth), Is.EqualTo(CandidateMetrics.Failed));
        }
    }

    [Test]
    public void EveryComponentIsReadByItsName()
    {
        var metrics = new CandidateMetrics(.1, .2, .3, .4, .5, .6) { BoundaryIoU = .7, BoxL1Score = .8, Format = .9, LookSpan = .95, NonRepetition = .99 };
        foreach (var component in Enum.GetValues<RewardComponent>())
            Assert.That(metrics[component], Is.EqualTo(typeof(CandidateMetrics).GetProperty(component.ToString())!.GetValue(metrics)));
        Assert.That(() => metrics[(RewardComponent)17], Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private static double PointScore(PixelPoint answered, PixelPoint wanted, int width, int height) =>
        CandidateScores.PointAt(CandidateScores.Distance(answered, wanted) / CandidateScores.Diagonal(width, height));

    private static double BoxL1Score(BoundingBox answered, BoundingBox wanted, int width, int height) =>
        CandidateScores.BoxL1At(CandidateScores.SideDistance(answered, wanted) / CandidateScores.Diagonal(width, height));
}
