using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.Evaluation;
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
    public void ImpossibleResultsAreRefused()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => SegmentationMetrics.From([]), Throws.ArgumentException);
            Assert.That(() => SegmentationMetrics.From([new(0, 1, 2), new(0, 3, 2)]), Throws.ArgumentException.With.Message.Contains("Result 1"));
            Assert.That(() => SegmentationMetrics.From([new(-1, 1, 2)]), Throws.ArgumentException.With.Message.Contains("class -1"));
        });
    }
}
