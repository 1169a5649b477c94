using Microsoft.ML.DrSeg.Rewards;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Rewards;

public class SoftRankTests
{
    private static readonly double[] Temperatures = [0, .05, .5, 2, 20];

    private static double[] Ranks(double temperature, params double[] values) => Ranks(temperature, [], values);

    private static double[] Ranks(double temperature, bool[] failed, double[] values)
    {
        var ranks = new double[values.Length];
        SoftRank.Compute(values, failed, temperature, ranks);
        return ranks;
    }

    [Test]
    public void HardRanksAreMidRanks() =>
        Assert.That(Ranks(0, .3, .9, .3, .1), Is.EqualTo(new[] { .5, .875, .5, .125 }));

    [Test]
    public void TwoCandidatesAreTheLogisticOfTheirDistance()
    {
        // Values 0 and 1 spread .5; at temperature 1 they lie two units apart: (1/2 + sigmoid(-2)) / 2.
        var ranks = Ranks(1, 0, 1);
        var loser = (.5 + 1 / (1 + Math.Exp(2))) / 2;
        Assert.That(ranks, Is.EqualTo(new[] { loser, 1 - loser }).Within(1e-15));
    }

    [Test]
    public void ALowTemperatureGivesTheHardRanks() =>
        Assert.That(Ranks(1e-3, .3, .9, .3, .1), Is.EqualTo(Ranks(0, .3, .9, .3, .1)).Within(1e-12));

    [Test]
    public void AHighTemperatureIsNearlyLinear()
    {
        var values = new[] { .1, .15, .4, .8 };
        var ranks = Ranks(50, values);
        // Linear: equal slopes between neighbours.
        var slopes = Enumerable.Range(1, 3).Select(i => (ranks[i] - ranks[i - 1]) / (values[i] - values[i - 1])).ToArray();
        Assert.That(slopes, Is.All.EqualTo(slopes[0]).Within(.1).Percent);
    }

    [Test]
    public void EqualCandidatesTieInTheMiddle()
    {
        foreach (var temperature in Temperatures)
            Assert.That(Ranks(temperature, .7, .7, .7), Is.All.EqualTo(.5));
    }

    [Test]
    public void RoundingNoiseIsATie() =>
        Assert.That(Ranks(.5, .3, .1 + .2, .3), Is.All.EqualTo(.5));

    [Test]
    public void FailedCandidatesGetZeroAndLoseToAllOthers()
    {
        foreach (var temperature in Temperatures)
        {
            var ranks = Ranks(temperature, [true, false, true, false], [double.NaN, 0, 9, 0]);
            Assert.That(ranks, Is.EqualTo(new[] { 0, .75, 0, .75 }));
        }
        Assert.That(Ranks(.5, [true, true], [1, 2]), Is.All.Zero);
    }

    [Test]
    public void RanksAreMonotoneBoundedAndAverageAHalf()
    {
        var random = new Random(5);
        for (var trial = 0; trial < 300; trial++)
        {
            var values = Enumerable.Range(0, random.Next(1, 20)).Select(_ => random.Next(3) == 0 ? random.Next(4) / 3.0 : random.NextDouble()).ToArray();
            foreach (var temperature in Temperatures)
            {
                var ranks = Ranks(temperature, values);
                Assert.That(ranks, Is.All.InRange(.5 / values.Length - 1e-15, 1 - .5 / values.Length + 1e-15));
                Assert.That(ranks.Average(), Is.EqualTo(.5).Within(1e-12));
                for (var i = 0; i < values.Length; i++)
                {
                    for (var j = 0; j < values.Length; j++)
                    {
                        if (values[i] == values[j])
                            Assert.That(ranks[i], Is.EqualTo(ranks[j]));
                        else if (values[i] > values[j])
                            Assert.That(ranks[i], Is.GreaterThanOrEqualTo(ranks[j]));
                    }
                }
            }
        }
    }

    [Test]
    public void PermutingCandidatesPermutesRanksBitForBit()
    {
        var random = new Random(9);
        for (var trial = 0; trial < 200; trial++)
        {
            var values = Enumerable.Range(0, 8).Select(_ => random.NextDouble()).ToArray();
            var order = Enumerable.Range(0, 8).ToArray();
            random.Shuffle(order);
            var ranks = Ranks(.5, values);
            var permuted = Ranks(.5, [.. order.Select(i => values[i])]);
            Assert.That(permuted, Is.EqualTo(order.Select(i => ranks[i])));
        }
    }

    [Test]
    public void APositiveAffineMapChangesNothing()
    {
        double[] values = [.1, .35, .36, .8, .8];
        foreach (var temperature in Temperatures)
            Assert.That(Ranks(temperature, [.. values.Select(x => 7 * x - 3)]), Is.EqualTo(Ranks(temperature, values)).Within(1e-12));
    }

    [Test]
    public void HardRanksDoNotChangeUnderAnIncreasingMap()
    {
        double[] values = [.1, .35, .36, .8, .8];
        Assert.That(Ranks(0, [.. values.Select(Math.Exp)]), Is.EqualTo(Ranks(0, values)));
    }

    [Test]
    public void NobodyHasNoRanks() => Assert.That(Ranks(.5), Is.Empty);
}
