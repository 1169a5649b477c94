using Microsoft.ML.DrSeg.Rewards;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Rewards;

public class GroupAdvantagesTests
{
    private static (float[] Advantages, int WithoutSpread) Compute(AdvantageScaling scaling, float[] rewards, params int[] groupSizes)
    {
        var advantages = new float[rewards.Length];
        var withoutSpread = GroupAdvantages.Compute(rewards, groupSizes, scaling, advantages);
        return (advantages, withoutSpread);
    }

    [Test]
    public void GroupScalingDividesByTheGroupsOwnSpread()
    {
        // Means .5 and 2; sample deviations sqrt(.5) and 1.
        var (advantages, withoutSpread) = Compute(AdvantageScaling.Group, [0, 1, 1, 2, 3], 2, 3);
        var first = .5 / (Math.Sqrt(.5) + 1e-4);
        Assert.That(advantages, Is.EqualTo(new[] { -first, first, -1 / 1.0001, 0, 1 / 1.0001 }).Within(1e-6));
        Assert.That(withoutSpread, Is.Zero);
    }

    [Test]
    public void NoScalingLeavesTheDifferences() =>
        Assert.That(Compute(AdvantageScaling.None, [0, 1, 1, 2, 3], 2, 3).Advantages, Is.EqualTo(new[] { -.5, .5, -1, 0, 1 }).Within(1e-7));

    [Test]
    public void BatchScalingDividesByTheSpreadOfTheStep()
    {
        // All rewards: mean 1.5, squares 2.25 + .25 + .25 + 2.25 = 5, over n - 1 = 3.
        var divisor = Math.Sqrt(5 / 3.0) + 1e-4;
        Assert.That(Compute(AdvantageScaling.Batch, [0, 1, 2, 3], 2, 2).Advantages, Is.EqualTo(new[] { -.5 / divisor, .5 / divisor, -.5 / divisor, .5 / divisor }).Within(1e-6));
    }

    [Test]
    public void GroupsWithoutSpreadAreZeroAndCountedByTolerance()
    {
        foreach (var scaling in Enum.GetValues<AdvantageScaling>())
        {
            var (advantages, withoutSpread) = Compute(scaling, [.3f, .3f + 1e-7f, .7f, 0, 1], 2, 1, 2);
            Assert.That(withoutSpread, Is.EqualTo(2));
            Assert.That(advantages[..3], Is.All.Zero);
            Assert.That(advantages[4], Is.GreaterThan(0));
        }
    }

    [Test]
    public void EveryGroupSumsToZeroAndABetterRewardHasTheBetterAdvantage()
    {
        var random = new Random(1);
        foreach (var scaling in Enum.GetValues<AdvantageScaling>())
        {
            var rewards = Enumerable.Range(0, 24).Select(_ => random.NextSingle()).ToArray();
            var (advantages, _) = Compute(scaling, rewards, 8, 8, 8);
            for (var start = 0; start < 24; start += 8)
            {
                Assert.That(advantages[start..(start + 8)].Sum(), Is.Zero.Within(1e-5));
                var order = Enumerable.Range(start, 8).OrderBy(i => rewards[i]).Select(i => advantages[i]);
                Assert.That(order, Is.Ordered);
            }
        }
    }

    [Test]
    public void BadInputIsNamed()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => Compute(AdvantageScaling.Group, [1, float.NaN], 2), Throws.ArgumentException.With.Message.Contains("Reward 1 is NaN"));
            Assert.That(() => Compute(AdvantageScaling.Group, [1, 2, 3], 2), Throws.ArgumentException);
            Assert.That(() => Compute((AdvantageScaling)8, [1, 2], 2), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(Compute(AdvantageScaling.Batch, []).Advantages, Is.Empty);
        });
    }
}
