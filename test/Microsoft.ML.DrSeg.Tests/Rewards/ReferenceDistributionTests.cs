using Microsoft.ML.DrSeg.Rewards;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Rewards;

public class ReferenceDistributionTests
{
    [Test]
    public void QuantilesAreMidRanks()
    {
        var window = new ReferenceDistribution(8);
        window.Merge([.2, .4, .4, .9]);
        Assert.Multiple(() =>
        {
            Assert.That(window.Quantile(.1), Is.Zero);
            Assert.That(window.Quantile(.2), Is.EqualTo(.125));
            Assert.That(window.Quantile(.3), Is.EqualTo(.25));
            Assert.That(window.Quantile(.4), Is.EqualTo(.5));
            Assert.That(window.Quantile(.9), Is.EqualTo(.875));
            Assert.That(window.Quantile(1), Is.EqualTo(1));
        });
    }

    [Test]
    public void EqualValuesRankInTheMiddleAndNotAtTheTop()
    {
        var window = new ReferenceDistribution(16);
        window.Merge([0, 0, 0, 0, 0]);
        Assert.That(window.Quantile(0), Is.EqualTo(.5));
    }

    [Test]
    public void AnyMergesGiveTheSameAsANaiveList()
    {
        var random = new Random(7);
        for (var trial = 0; trial < 60; trial++)
        {
            var capacity = random.Next(1, 40);
            var window = new ReferenceDistribution(capacity);
            var naive = new List<double>();
            for (var step = 0; step < 25; step++)
            {
                // Few distinct values, so that ties are common; now and then more than fit.
                var values = Enumerable.Range(0, random.Next(0, 2 * capacity)).Select(_ => random.Next(6) / 5.0).ToArray();
                window.Merge(values);
                naive = [.. naive.Concat(values).TakeLast(capacity)];
                Assert.That(window.ToArray(), Is.EqualTo(naive));
                for (var x = -.1; naive.Count > 0 && x < 1.2; x += .1)
                {
                    var expected = (naive.Count(s => s < x) + naive.Count(s => s == x) / 2.0) / naive.Count;
                    Assert.That(window.Quantile(x), Is.EqualTo(expected).Within(1e-15));
                }
            }
        }
    }

    [Test]
    public void QuantilesDoNotChangeUnderAnIncreasingMap()
    {
        var random = new Random(3);
        var values = Enumerable.Range(0, 300).Select(_ => random.NextDouble()).ToArray();
        var (raw, mapped) = (new ReferenceDistribution(200), new ReferenceDistribution(200));
        raw.Merge(values);
        mapped.Merge([.. values.Select(Math.Exp)]);
        foreach (var x in values)
            Assert.That(mapped.Quantile(Math.Exp(x)), Is.EqualTo(raw.Quantile(x)));
    }

    [Test]
    public void TheOrderOfAStepDoesNotMatterToItsQuantiles()
    {
        var (forward, backward) = (new ReferenceDistribution(10), new ReferenceDistribution(10));
        forward.Merge([.1, .7, .3, .3]);
        backward.Merge([.3, .3, .7, .1]);
        foreach (var x in new[] { .0, .1, .3, .5, .7 })
            Assert.That(forward.Quantile(x), Is.EqualTo(backward.Quantile(x)));
    }

    [Test]
    public void AStateMergedIntoAnEmptyWindowContinuesExactly()
    {
        var random = new Random(11);
        var window = new ReferenceDistribution(50);
        for (var step = 0; step < 9; step++)
            window.Merge([.. Enumerable.Range(0, 13).Select(_ => random.NextDouble())]);
        var copy = new ReferenceDistribution(50);
        copy.Merge(window.ToArray());
        double[] next = [.5, .25, .125];
        window.Merge(next);
        copy.Merge(next);
        Assert.That(copy.ToArray(), Is.EqualTo(window.ToArray()));
    }

    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    [TestCase(double.NegativeInfinity)]
    public void ValuesThatAreNotFiniteAreRefusedAndLeaveNoTrace(double bad)
    {
        var window = new ReferenceDistribution(4);
        window.Merge([.5]);
        Assert.Multiple(() =>
        {
            Assert.That(() => window.Merge([.1, bad]), Throws.ArgumentException.With.Message.Contains("Value 1"));
            Assert.That(() => window.Quantile(bad), Throws.ArgumentException);
            Assert.That(window.ToArray(), Is.EqualTo(new[] { .5 }));
        });
    }

    [Test]
    public void AnEmptyWindowRefusesToRank() =>
        Assert.That(() => new ReferenceDistribution().Quantile(.5), Throws.InvalidOperationException);

    [Test]
    public void ReadersSeeWholeStepsWhileValuesAreMerged()
    {
        // Every step is half zeros, half ones, and fills the window: whoever looks must see .25 for a zero.
        var window = new ReferenceDistribution(64);
        double[] step = [.. Enumerable.Range(0, 64).Select(i => i % 2.0)];
        window.Merge(step);
        using var stop = new CancellationTokenSource();
        var reader = Task.Run(() =>
        {
            var wrong = 0;
            while (!stop.IsCancellationRequested)
                wrong += window.Quantile(0) == .25 ? 0 : 1;
            return wrong;
        });
        for (var i = 0; i < 2000; i++)
            window.Merge(step);
        stop.Cancel();
        Assert.That(reader.GetAwaiter().GetResult(), Is.Zero);
    }
}
