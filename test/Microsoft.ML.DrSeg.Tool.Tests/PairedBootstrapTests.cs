using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.Studies;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tool.Tests;

public class PairedBootstrapTests
{
    private static double[] Normal(Random random, int count, double mean, double deviation) =>
        [.. Enumerable.Range(0, count).Select(_ =>
            mean + deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];

    [Test]
    public void AConstantGainHasAnIntervalOfNoWidth()
    {
        // Queries differ widely, but every one gains .1: pairing must cancel the queries.
        double[] before = [.1, .9, .4, .2, .7], after = [.2, 1.0, .5, .3, .8];
        var interval = PairedBootstrap.CompareMeans([before], [after]);
        Assert.Multiple(() =>
        {
            Assert.That(interval.Estimate, Is.EqualTo(.1).Within(1e-12));
            Assert.That(interval.Low, Is.EqualTo(.1).Within(1e-12));
            Assert.That(interval.High, Is.EqualTo(.1).Within(1e-12));
            Assert.That(interval.ExcludesZero, Is.True);
        });
    }

    [Test]
    public void AConstantFactorHasARelativeIntervalOfNoWidth()
    {
        double[] before = [.1, .9, .4, .2, .7];
        var interval = PairedBootstrap.CompareMeans([before], [[.. before.Select(x => 1.2 * x)]], new() { Comparison = Comparison.RelativeDifference });
        Assert.That(new[] { interval.Estimate, interval.Low, interval.High }, Is.All.EqualTo(.2).Within(1e-12));
    }

    [Test]
    public void TheIntervalOfAMeanIsTheNormalOne()
    {
        var gains = Normal(new Random(1), 500, .02, 1);
        var interval = PairedBootstrap.CompareMeans([new double[500]], [gains], new() { Resamples = 20000 });
        var mean = gains.Average();
        var error = Math.Sqrt(gains.Sum(x => (x - mean) * (x - mean)) / 499 / 500);
        Assert.Multiple(() =>
        {
            Assert.That(interval.Estimate, Is.EqualTo(mean).Within(1e-12));
            Assert.That(interval.Low, Is.EqualTo(mean - 1.96 * error).Within(.1 * error));
            Assert.That(interval.High, Is.EqualTo(mean + 1.96 * error).Within(.1 * error));
        });
    }

    [Test]
    public void TheIntervalCoversTheTruthAsOftenAsItPromises()
    {
        var random = new Random(2);
        var covered = 0;
        for (var trial = 0; trial < 300; trial++)
        {
            var gains = Normal(random, 60, .5, 1);
            var interval = PairedBootstrap.CompareMeans([new double[60]], [gains], new() { Confidence = .9, Resamples = 300, Seed = trial });
            covered += interval.Low <= .5 && .5 <= interval.High ? 1 : 0;
        }
        Assert.That(covered / 300.0, Is.EqualTo(.9).Within(.06));
    }

    [Test]
    public void SeveralRunsWidenTheIntervalByTheLuckOfTraining()
    {
        // Within a run every query gains the same; runs gain 0, .1 and .2: drawing runs is all the uncertainty there is.
        var before = new double[50];
        double[][] after = [[.. before.Select(_ => .0)], [.. before.Select(_ => .1)], [.. before.Select(_ => .2)]];
        var interval = PairedBootstrap.CompareMeans([before, before, before], after);
        Assert.Multiple(() =>
        {
            Assert.That(interval.Estimate, Is.EqualTo(.1).Within(1e-12));
            // All three draws the same has probability 1/27 on either side, more than 2.5 %.
            Assert.That(interval.Low, Is.Zero.Within(1e-12));
            Assert.That(interval.High, Is.EqualTo(.2).Within(1e-12));
        });
    }

    [Test]
    public void AFigureThatIsNoMeanOverQueriesIsResampledAsAWhole()
    {
        // Doubling every intersection doubles every class's IoU, in any sample.
        QueryResult[] before = [new(0, 10, 100), new(0, 20, 50), new(1, 5, 80), new(1, 30, 90), new(2, 8, 20)];
        QueryResult[] after = [.. before.Select(result => result with { Intersection = 2 * result.Intersection })];
        var interval = PairedBootstrap.CompareMetrics([before], [after], metrics => metrics.MeanIoU, new() { Comparison = Comparison.RelativeDifference });
        Assert.That(new[] { interval.Estimate, interval.Low, interval.High }, Is.All.EqualTo(1).Within(1e-12));
        var difference = PairedBootstrap.CompareMetrics([before], [after], metrics => metrics.MeanIoU);
        Assert.That(difference.Estimate, Is.EqualTo(SegmentationMetrics.From(before).MeanIoU).Within(1e-12));
    }

    [Test]
    public void TheSeedFixesTheInterval()
    {
        double[][] before = [Normal(new Random(3), 40, 0, 1)], after = [Normal(new Random(4), 40, 0, 1)];
        var first = PairedBootstrap.CompareMeans(before, after, new() { Seed = 5 });
        Assert.That(PairedBootstrap.CompareMeans(before, after, new() { Seed = 5 }), Is.EqualTo(first));
        Assert.That(PairedBootstrap.CompareMeans(before, after, new() { Seed = 6 }), Is.Not.EqualTo(first));
    }

    [Test]
    public void BadInputIsNamed()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => PairedBootstrap.CompareMeans([], []), Throws.ArgumentException);
            Assert.That(() => PairedBootstrap.CompareMeans([[1]], [[1], [2]]), Throws.ArgumentException.With.Message.Contains("1 runs and the treatment 2"));
            Assert.That(() => PairedBootstrap.CompareMeans([[1, 2]], [[1]]), Throws.ArgumentException.With.Message.Contains("Run 0"));
            Assert.That(() => PairedBootstrap.CompareMeans([[1, 2]], [[1, double.NaN]]), Throws.ArgumentException.With.Message.Contains("run 0, query 1"));
            Assert.That(() => PairedBootstrap.CompareMeans([[0]], [[1]], new() { Comparison = Comparison.RelativeDifference }), Throws.InvalidOperationException);
            Assert.That(() => PairedBootstrap.CompareMeans([[1]], [[1]], new() { Confidence = 95 }), Throws.TypeOf<ArgumentOutOfRangeException>());
        });
    }
}
