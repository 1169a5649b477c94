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
    public void ACapacityTakesNoMemoryBeforeThereAreValues()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var window = new ReferenceDistribution(2_000_000_000);
        for (var i = 0; i < 5; i++)
            window.Merge(Enumerable.Range(3_000 * i, 3_000).Select(value => (double)value).ToArray());
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(10_000_000));
        Assert.That(window.ToArray(), Is.EqualTo(Enumerable.Range(0, 15_000)));
        Assert.That(window.Quantile(7_500), Is.EqualTo(7_500.5 / 15_000));
        Assert.That(window.Capacity, Is.EqualTo(2_000_000_000));
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

    /// <summary>Steps that are sorted on the stack, and some that are too large for it.</summary>
    [TestCase(5_000, 100, 60)]
    [TestCase(100_000, 9_000, 4)]
    public void LargeWindowsGiveTheSameAsASortedList(int capacity, int stepSize, int steps)
    {
        var random = new Random(5);
        var window = new ReferenceDistribution(capacity);
        var all = new List<double>();
        void Merge(int count)
        {
            // A tenth of the values are ties.
            double[] values = [.. Enumerable.Range(0, count).Select(i => i % 10 == 0 ? random.Next(20) / 20.0 : random.NextDouble())];
            window.Merge(values);
            all.AddRange(values);
        }
        Merge(capacity - stepSize);
        for (var step = 0; step < steps; step++)
        {
            Merge(stepSize);
            double[] sorted = [.. all.TakeLast(capacity).Order()];
            double[] asked = [.. Enumerable.Range(0, 50).Select(i => i < 25 ? i / 20.0 - .1 : i < 40 ? sorted[random.Next(sorted.Length)] : random.NextDouble())];
            var quantiles = new double[asked.Length];
            window.Quantiles(asked, quantiles);
            for (var i = 0; i < asked.Length; i++)
            {
                int below = CountBelow(sorted, asked[i]), notAbove = CountBelow(sorted, Math.BitIncrement(asked[i]));
                Assert.That(quantiles[i], Is.EqualTo((below + notAbove) / (2.0 * sorted.Length)));
            }
        }
    }

    private static int CountBelow(double[] sorted, double value)
    {
        int from = 0, to = sorted.Length;
        while (from < to)
        {
            var middle = (from + to) / 2;
            (from, to) = sorted[middle] < value ? (middle + 1, to) : (from, middle);
        }
        return from;
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
    public void ThereMustBeRoomForEveryQuantile()
    {
        var window = new ReferenceDistribution();
        window.Merge([.5]);
        Assert.That(() => window.Quantiles([.1, .2], new double[1]), Throws.ArgumentException.With.Message.Contains("1 quantiles, but 2 values"));
    }
}
