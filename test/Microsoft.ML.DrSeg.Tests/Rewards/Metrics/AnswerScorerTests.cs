using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Rewards;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Rewards;

public class AnswerScorerTests
{
    private const int Side = 84;

    private static SegmentedObject Square(float x, float y, float side = 10) =>
        new(new(x, y, x + side, y + side), new(x + side / 2, y + side / 2));

    private static CandidateMetrics Measure(SegmentedObject[] answered, params SegmentedObject[] wanted) =>
        new AnswerScorer().Measure(answered, wanted, Side, Side);

    [Test]
    public void TheTruthScoresOneEverywhere()
    {
        SegmentedObject[] truth = [Square(0, 0), Square(30, 40), Square(60, 5)];
        var metrics = Measure([truth[2], truth[0], truth[1]], truth);
        foreach (var component in new[] { RewardComponent.BoxIoU, RewardComponent.BoxL1Score, RewardComponent.PointScore, RewardComponent.CountScore })
            Assert.That(metrics[component], Is.EqualTo(1), component.ToString());
        Assert.That(metrics.Format, Is.NaN, "there was no text");
    }

    [Test]
    public void PairsAreAveragedAndTheRestIsTheCountScores()
    {
        // One found exactly, one shifted by half (IoU 1/3), one invented.
        var metrics = Measure([Square(0, 0), Square(45, 40), Square(70, 70)], Square(0, 0), Square(40, 40));
        Assert.Multiple(() =>
        {
            Assert.That(metrics.BoxIoU, Is.EqualTo((1 + 1 / 3.0) / 2).Within(1e-12));
            Assert.That(metrics.CountScore, Is.EqualTo(2 / 3.0).Within(1e-12));
            // The diagonal is a tenth of the paper's canvas; sides 5, 0, 5, 0 apart: 2.5 of 1 .. 20.
            Assert.That(metrics.BoxL1Score, Is.EqualTo((1 + (20 - 2.5) / 19) / 2).Within(1e-9));
            Assert.That(metrics.PointScore, Is.EqualTo((1 + (20 - 5) / 17.0) / 2).Within(1e-6));
        });
    }

    /// <summary>Defect 5 of the published reward: two predictions, none over the threshold, score by their order.</summary>
    [Test]
    public void MatchingIsByHowMuchBoxesOverlapAndNotByTheirOrder()
    {
        SegmentedObject[] truth = [Square(0, 0), Square(20, 0)];
        SegmentedObject[] answered = [Square(6, 0), Square(26, 0)];
        var expected = 4 / 16.0;
        Assert.Multiple(() =>
        {
            Assert.That(Measure(answered, truth).BoxIoU, Is.EqualTo(expected).Within(1e-7));
            Assert.That(Measure([answered[1], answered[0]], truth), Is.EqualTo(Measure(answered, truth)));
            Assert.That(Measure(answered, truth[1], truth[0]), Is.EqualTo(Measure(answered, truth)));
        });
    }

    [Test]
    public void AnyOrderOfEitherSideGivesTheSameBits()
    {
        var random = new Random(8);
        var scorer = new AnswerScorer();
        for (var trial = 0; trial < 200; trial++)
        {
            // Coordinates from a coarse grid, so that ties and duplicates are common.
            var most = trial % 10 == 0 ? 40 : 9;
            SegmentedObject[] Draw() => [.. Enumerable.Range(0, random.Next(1, most)).Select(_ => Square(10 * random.Next(4), 10 * random.Next(4), 10 * random.Next(1, 3)))];
            var (answered, wanted) = (Draw(), Draw());
            var metrics = scorer.Measure(answered, wanted, Side, Side);
            random.Shuffle(answered);
            random.Shuffle(wanted);
            Assert.That(scorer.Measure(answered, wanted, Side, Side), Is.EqualTo(metrics));
        }
    }

    [Test]
    public void BoxesOverlapByTheSameBitsAsOneByOne()
    {
        var random = new Random(6);
        for (var trial = 0; trial < 500; trial++)
        {
            // Some inverted or without area, many that do not touch.
            BoundingBox Draw() => new(random.NextSingle(), random.NextSingle(), random.NextSingle() + .3f, random.NextSingle() + trial % 3 / 3f);
            var (answered, wanted) = (Draw(), trial % 5 == 0 ? default : Draw());
            Assert.That(Measure([new(answered, default)], new SegmentedObject(wanted, default)).BoxIoU, Is.EqualTo(answered.IntersectionOverUnion(wanted)));
        }
    }

    [Test]
    public void NothingAgainstNothingIsAFullScoreAndAgainstSomethingZero()
    {
        foreach (var component in new[] { RewardComponent.BoxIoU, RewardComponent.BoxL1Score, RewardComponent.PointScore, RewardComponent.CountScore })
        {
            Assert.That(Measure([])[component], Is.EqualTo(1), component.ToString());
            Assert.That(Measure([Square(0, 0)])[component], Is.Zero, component.ToString());
            Assert.That(Measure([], Square(0, 0))[component], Is.Zero, component.ToString());
        }
    }

    [Test]
    public void MasksAreNotItsConcern()
    {
        var mask = SegmentationMask.FromBox(new(0, 0, 10, 10), Side, Side);
        SegmentedObject bare = Square(0, 0), masked = bare with { Mask = mask };
        var metrics = Measure([masked], masked);
        foreach (var component in new[] { RewardComponent.MaskIoU, RewardComponent.Dice, RewardComponent.AveragePrecision, RewardComponent.BoundaryIoU })
            Assert.That(metrics[component], Is.NaN, component.ToString());
        Assert.That(Measure([bare], masked), Is.EqualTo(metrics));
    }

    [Test]
    public void ATextIsScoredWithItsFormatAndAFailureIsMarked()
    {
        var scorer = new AnswerScorer();
        CandidateMetrics Score(string thinking, string json)
        {
            // From the text or from what was parsed of it: the same.
            string text = $"<think>{thinking}</think><answer>{json}</answer>";
            var limits = new AnswerLimits(Objects: 2);
            var metrics = scorer.Measure(text, [Square(0, 0)], Side, Side, limits);
            Assert.That(scorer.Measure(AnswerParser.Parse(text, Side, Side, limits), [Square(0, 0)], Side, Side), Is.EqualTo(metrics));
            return metrics;
        }
        const string right = """{"bbox_2d":[0,0,10,10],"point_2d":[5,5]}""";
        Assert.Multiple(() =>
        {
            var good = Score("<look>there</look>", $"[{right}]");
            Assert.That((good.BoxIoU, good.Format, good.LookSpan, good.NonRepetition), Is.EqualTo((1.0, 1.0, 1.0, 1.0)));
            var poor = Score("So. So. So.", "[]");
            Assert.That((poor.BoxIoU, poor.Format, poor.LookSpan, poor.NonRepetition), Is.EqualTo((0.0, 1.0, 0.0, 0.0)));
            Assert.That(poor.IsFailed, Is.False);
            Assert.That(Score("x", "[1]"), Is.EqualTo(CandidateMetrics.Failed));
            Assert.That(Score("x", $"[{right},{right},{right}]"), Is.EqualTo(CandidateMetrics.Failed with { IsOverLong = true }));
        });
    }

    [Test]
    public void AnsweredNumbersThatAreNotFiniteFailAndTrueOnesAreRefused()
    {
        foreach (var bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            var square = Square(0, 0);
            foreach (var broken in new[] { square with { Box = square.Box with { X1 = bad } }, square with { Point = new(1, bad) } })
            {
                Assert.That(Measure([square, broken], square), Is.EqualTo(CandidateMetrics.Failed));
                Assert.That(() => Measure([square], square, broken), Throws.ArgumentException.With.Message.Contains("True object 1"));
            }
        }
        Assert.That(Measure([new(new(0, 0, 3e38f, 3e38f), default)], Square(0, 0)), Is.EqualTo(CandidateMetrics.Failed), "its area is not finite");
    }

    [Test]
    public void NothingIsAllocatedOnceTheLargestAnswerIsMet()
    {
        var random = new Random(9);
        SegmentedObject[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => Square(random.Next(70), random.Next(70)))];
        var (answered, wanted) = (Draw(30), Draw(25));
        var scorer = new AnswerScorer();
        scorer.Measure(answered, wanted, Side, Side);
        const string text = """<think>Where? <look>there</look> So.</think><answer>[{"bbox_2d":[0,0,10,10],"point_2d":[5,5.5]}]</answer>""";
        scorer.Measure(text, wanted, Side, Side);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var count = 1; count <= 25; count++)
            scorer.Measure(answered.AsSpan(0, count), wanted.AsSpan(0, count), Side, Side);
        scorer.Measure(text, wanted, Side, Side);
        Assert.That(GC.GetAllocatedBytesForCurrentThread(), Is.EqualTo(before));
    }
}
