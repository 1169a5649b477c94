using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.Masks;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Evaluation;

public class SegmentationMetricsTests
{
    // Class 0: 30/40 and 10/60. Class 2: 0/50 (failed), 45/50, and an empty scene answered with nothing.
    private static readonly QueryResult[] Worked =
        [new(0, 30, 40), new(0, 10, 60), new(2, 0, 50, IsFailed: true), new(2, 45, 50), new(2, 0, 0)];

    [Test]
    public void FiguresAreWhatTheHandSays()
    {
        var metrics = SegmentationMetrics.From(Worked);
        Assert.Multiple(() =>
        {
            Assert.That(metrics.QueryCount, Is.EqualTo(5));
            Assert.That(metrics.GeneralizedIoU, Is.EqualTo((.75 + 1 / 6.0 + 0 + .9 + 1) / 5).Within(1e-12));
            Assert.That(metrics.CumulativeIoU, Is.EqualTo(85 / 200.0).Within(1e-12));
            Assert.That(metrics.ClassIoU, Is.EqualTo(new double?[] { .4, null, .45 }));
            Assert.That(metrics.MeanIoU, Is.EqualTo((.4 + .45) / 2).Within(1e-12));
            Assert.That(metrics.PrecisionAtHalf, Is.EqualTo(.6));
            Assert.That(metrics.FailedShare, Is.EqualTo(.2));
        });
    }

    [Test]
    public void DicePrecisionAndAbsentObjectsAreWhatTheHandSays()
    {
        // Dice is 2 I / (I + U): 60/70, 20/70, 0 (failed), 90/95, 1. IoUs .75, .17, 0, .9, 1: three reach .5, .6 and .7, two .8
        // and .9. Of three queries for what is absent one was answered with nothing, one with 30 pixels, one failed.
        var metrics = SegmentationMetrics.From([.. Worked, new(1, 0, 30) { IsAbsent = true }, new(1, 0, 0, IsFailed: true)]);
        Assert.Multiple(() =>
        {
            Assert.That(metrics.Dice, Is.EqualTo((60 / 70.0 + 20 / 70.0 + 0 + 90 / 95.0 + 1 + 0 + 0) / 7).Within(1e-12));
            Assert.That(metrics.PrecisionAt, Is.EqualTo(new[] { 3 / 7.0, 3 / 7.0, 3 / 7.0, 2 / 7.0, 2 / 7.0 }));
            Assert.That(metrics.AbsentCount, Is.EqualTo(3));
            Assert.That(metrics.AbsentAccuracy, Is.EqualTo(1 / 3.0).Within(1e-12));
            Assert.That(metrics.BoundaryIoU, Is.Null);
            Assert.That(SegmentationMetrics.From([new(0, 1, 2)]).AbsentAccuracy, Is.Null);
        });
    }

    [Test]
    public void WhatIsThereIsAnsweredWithSomethingAsOftenAsTheHandSays()
    {
        // Of four queries for what is there one failed and one got nothing; a wrong something is something.
        var metrics = SegmentationMetrics.From([new(0, 30, 40), new(0, 0, 50), new(0, 0, 50, IsFailed: true), new(0, 0, 50) { IsEmpty = true }, new(0, 0, 0)]);
        SegmentationMask truth = SegmentationMask.FromBox(new(0, 0, 4, 4), 10, 10), empty = SegmentationMask.Empty(10, 10);
        Assert.Multiple(() =>
        {
            Assert.That(metrics.PresentAccuracy, Is.EqualTo(.5));
            Assert.That(metrics.AbsentAccuracy, Is.EqualTo(1));
            Assert.That(SegmentationMetrics.From([new(0, 0, 0)]).PresentAccuracy, Is.Null);
            Assert.That(metrics.ToString(), Does.Match(@"Accuracy on 1 absent objects +1\.0000\nAccuracy on 4 present objects +0\.5000").And.Not.Contain("Count"));
            Assert.That(QueryResult.Measure(0, empty, truth).IsEmpty, Is.True);
            Assert.That(QueryResult.Measure(0, empty, empty).IsEmpty, Is.True);
            Assert.That(QueryResult.Measure(0, truth, truth).IsEmpty, Is.False);
            Assert.That(QueryResult.Measure(0, null, empty).IsEmpty, Is.False, "a failed answer does not say that there is nothing");
        });
    }

    private static SegmentedObject Square(float x, float y) => new(new(x, y, x + 10, y + 10), new(x + 5, y + 5));

    [Test]
    public void ObjectsAreCountedAndTheirBoxesMatchedAsTheHandSays()
    {
        QueryResult some = new(0, 10, 40), none = new(0, 0, 0);
        // In another order and one shifted by half: IoUs 1 and 50 / 150.
        QueryResult two = some.WithObjects([Square(60, 60), Square(5, 0)], [Square(0, 0), Square(60, 60)], 84, 84);
        QueryResult tooMany = some.WithObjects([Square(0, 0), Square(0, 0)], [Square(0, 0)], 84, 84);
        QueryResult tooFew = (some with { Intersection = 0, IsEmpty = true }).WithObjects([], [Square(0, 0)], 84, 84);
        QueryResult failed = (some with { IsFailed = true }).WithObjects([Square(0, 0)], [Square(0, 0)], 84, 84);
        QueryResult rightlyNone = none.WithObjects([], [], 84, 84);
        QueryResult wronglySome = (new QueryResult(0, 0, 30) { IsAbsent = true }).WithObjects([Square(0, 0)], [], 84, 84);
        QueryResult[] all = [two, tooMany, tooFew, failed, rightlyNone, wronglySome];
        var metrics = SegmentationMetrics.From(all);
        Assert.Multiple(() =>
        {
            Assert.That(all.Select(result => result.IsCountRight), Is.EqualTo(new bool?[] { true, false, false, false, true, false }));
            Assert.That(all.Select(result => result.MatchedBoxIoU), Is.EqualTo(new double?[] { 2 / 3.0, 1, 0, 0, 1, 0 }).Within(1e-6));
            Assert.That(metrics.CountAccuracy, Is.EqualTo(2 / 6.0).Within(1e-12));
            Assert.That(metrics.MatchedBoxIoU, Is.EqualTo((2 / 3.0 + 1 + 0 + 0) / 4).Within(1e-6), "over what is there");
            Assert.That(metrics.ToString(), Does.Match(@"Count of objects right +0\.3333\nIoU of matched boxes +0\.4167"));
            // A query that nobody counted is in no figure of objects.
            Assert.That(SegmentationMetrics.From([.. all, some]).CountAccuracy, Is.EqualTo(metrics.CountAccuracy));
            Assert.That((SegmentationMetrics.From([some]).CountAccuracy, SegmentationMetrics.From([some]).MatchedBoxIoU), Is.EqualTo(((double?)null, (double?)null)));
            Assert.That(some.WithObjects([Square(float.NaN, 0)], [Square(0, 0)], 84, 84), Is.EqualTo(some with { IsCountRight = false, MatchedBoxIoU = 0 }), "an answer that is no place");
            Assert.That(() => some.WithObjects([Square(0, 0)], [Square(float.PositiveInfinity, 0)], 84, 84), Throws.ArgumentException);
        });
    }

    [Test]
    public void MatchedBoxesDoNotDependOnOrderNorOnMasks()
    {
        var random = new Random(3);
        for (int trial = 0; trial < 50; trial++)
        {
            SegmentedObject[] Draw() => [.. Enumerable.Range(0, random.Next(5)).Select(_ =>
                SegmentedObject.Of(SegmentationMask.FromBox(new(random.Next(40), random.Next(40), 41 + random.Next(40), 41 + random.Next(40)), 84, 84)))];
            SegmentedObject[] answered = Draw(), wanted = Draw();
            QueryResult once = new QueryResult(0, 10, 40).WithObjects(answered, wanted, 84, 84);
            random.Shuffle(answered);
            random.Shuffle(wanted);
            Assert.That(new QueryResult(0, 10, 40).WithObjects([.. answered.Select(one => one with { Mask = null })], wanted, 84, 84), Is.EqualTo(once));
            Assert.That(once.MatchedBoxIoU, Is.InRange(0, 1));
        }
    }

    [Test]
    public void BoundariesAreComparedWithoutWhatLiesInside()
    {
        // 30 x 40 pixels have a diagonal of 50: the boundary at .02 is one pixel wide. Truth 10 x 10 at (10, 10), answer 10 x 9
        // at the same corner. Outlines: 36 and 34 pixels; both have the top row (10), both left and right columns without the
        // top over 8 more rows (2 x 8); of the answer's bottom row (y = 18) only its ends are on the truth's outline, and they
        // are among the columns already: 26 shared, 36 + 34 - 26 = 44 in all.
        var truth = SegmentationMask.FromBox(new(10, 10, 20, 20), 30, 40);
        var answer = SegmentationMask.FromBox(new(10, 10, 20, 19), 30, 40);
        var empty = SegmentationMask.Empty(30, 40);
        // The image's own border is an outline: of the whole image, its frame.
        var whole = SegmentationMask.FromBox(new(0, 0, 30, 40), 30, 40);
        Assert.Multiple(() =>
        {
            Assert.That(QueryResult.Measure(0, answer, truth, .02).BoundaryIoU, Is.EqualTo(26 / 44.0).Within(1e-12));
            Assert.That(QueryResult.Measure(0, answer, truth, .02).IntersectionOverUnion, Is.EqualTo(.9).Within(1e-12));
            Assert.That(QueryResult.Measure(0, SegmentationMask.FromBox(new(1, 1, 29, 39), 30, 40), whole, .02).BoundaryIoU, Is.Zero);
            Assert.That(QueryResult.Measure(0, empty, empty, .02).BoundaryIoU, Is.EqualTo(1));
            Assert.That(QueryResult.Measure(0, null, truth, .02).BoundaryIoU, Is.Zero);
            Assert.That(SegmentationMetrics.From([QueryResult.Measure(0, answer, truth, .02), QueryResult.Measure(0, null, truth, .02)]).BoundaryIoU, Is.EqualTo(13 / 44.0).Within(1e-12));
        });
    }

    [Test]
    public void NeitherOrderNorPartitionMovesTheLastBit()
    {
        var random = new Random(1);
        QueryResult[] results = [.. Enumerable.Range(0, 500).Select(_ =>
        {
            var union = random.Next(1, 1000);
            return new QueryResult(random.Next(7), random.Next(union), union, random.Next(20) == 0)
            {
                BoundaryIoU = random.NextDouble(), MatchedBoxIoU = random.NextDouble(), IsCountRight = random.Next(3) switch { 0 => null, var drawn => drawn == 1 },
            };
        })];
        var whole = SegmentationMetrics.From(results);
        random.Shuffle(results);
        SegmentationAccumulator[] parts = [new(), new(), new()];
        for (var i = 0; i < results.Length; i++)
            parts[random.Next(3)].Add(results[i]);
        parts[1].Merge(parts[0]);
        parts[1].Merge(parts[2]);
        var merged = parts[1].Complete();
        Assert.Multiple(() =>
        {
            Assert.That(merged.GeneralizedIoU, Is.EqualTo(whole.GeneralizedIoU));
            Assert.That(merged.Dice, Is.EqualTo(whole.Dice));
            Assert.That(merged.BoundaryIoU, Is.EqualTo(whole.BoundaryIoU));
            Assert.That((merged.MatchedBoxIoU, merged.CountAccuracy, merged.PresentAccuracy), Is.EqualTo((whole.MatchedBoxIoU, whole.CountAccuracy, whole.PresentAccuracy)));
            Assert.That(merged.MeanIoU, Is.EqualTo(whole.MeanIoU));
            Assert.That(merged.ClassIoU, Is.EqualTo(whole.ClassIoU));
            Assert.That(merged.ToString(), Is.EqualTo(whole.ToString()));
        });
    }

    [Test]
    public void TheTableNamesFiguresAndClasses()
    {
        var sums = new SegmentationAccumulator();
        sums.Add(new(1, 1, 4));
        var table = sums.Complete(["cat", "dog"]).ToString();
        Assert.Multiple(() =>
        {
            Assert.That(table, Does.StartWith("1 queries\nmIoU"));
            Assert.That(table, Does.Match(@"gIoU +0\.2500\n").And.Match(@"Boundary IoU +-\n").And.Match(@"Precision at IoU 0\.9 +0\.0000"));
            Assert.That(table, Does.Match(@"\n  cat +-\n  dog +0\.2500$"));
        });
    }

    [Test]
    public void TheOrderOfQueriesDoesNotMatter()
    {
        var reference = SegmentationMetrics.From(Worked);
        var reversed = SegmentationMetrics.From([.. Worked.Reverse()]);
        Assert.Multiple(() =>
        {
            Assert.That(reversed.GeneralizedIoU, Is.EqualTo(reference.GeneralizedIoU).Within(1e-14));
            Assert.That(reversed.CumulativeIoU, Is.EqualTo(reference.CumulativeIoU));
            Assert.That(reversed.MeanIoU, Is.EqualTo(reference.MeanIoU));
            Assert.That(reversed.ClassIoU, Is.EqualTo(reference.ClassIoU));
        });
    }

    [Test]
    public void MasksBecomeAreas()
    {
        var truth = SegmentationMask.FromBox(new(0, 0, 4, 4), 10, 10);
        var answer = SegmentationMask.FromBox(new(2, 0, 6, 4), 10, 10);
        var empty = SegmentationMask.Empty(10, 10);
        Assert.Multiple(() =>
        {
            Assert.That(QueryResult.Measure(3, answer, truth), Is.EqualTo(new QueryResult(3, 8, 24)));
            Assert.That(QueryResult.Measure(3, null, truth), Is.EqualTo(new QueryResult(3, 0, 16, IsFailed: true)));
            Assert.That(QueryResult.Measure(0, empty, empty).IntersectionOverUnion, Is.EqualTo(1));
            Assert.That(QueryResult.Measure(0, null, empty).IntersectionOverUnion, Is.Zero, "a failed answer is not an answer of nothing");
        });
    }

    [Test]
    public void OnlyEmptyScenesAnsweredWithNothingArePerfect()
    {
        var metrics = SegmentationMetrics.From([new(0, 0, 0), new(1, 0, 0)]);
        Assert.Multiple(() =>
        {
            Assert.That(metrics.GeneralizedIoU, Is.EqualTo(1));
            Assert.That(metrics.CumulativeIoU, Is.EqualTo(1));
            Assert.That(metrics.MeanIoU, Is.EqualTo(1));
        });
    }

    [Test]
    public void FiguresOfNothingAreRefused() => Assert.That(() => SegmentationMetrics.From([]), Throws.ArgumentException);
}
