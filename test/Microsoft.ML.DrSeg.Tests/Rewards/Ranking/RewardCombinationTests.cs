using Microsoft.ML.DrSeg.Rewards;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Rewards;

public class RewardCombinationTests
{
    private static readonly WeightedComponent[] BoxAndCount = [new(RewardComponent.BoxIoU, 3), new(RewardComponent.CountScore)];

    private static CandidateMetrics Of(double box, double count) => new() { BoxIoU = box, CountScore = count };

    private static readonly CandidateMetrics[] Candidates = [Of(.1, 1), Of(.2, 0), Of(.6, .5), CandidateMetrics.Failed];

    private static float[] Score(RewardCombination combination, params CandidateMetrics[] candidates)
    {
        var rewards = new float[candidates.Length];
        var reward = new DistributionRankedReward(new() { Combination = combination, Components = BoxAndCount, Temperature = 0 });
        reward.Score(candidates, [candidates.Length], rewards);
        return rewards;
    }

    private static double[] Normalized(params double[] values)
    {
        var mean = values.Average();
        var spread = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1));
        return [.. values.Select(value => (value - mean) / (spread + 1e-4))];
    }

    [Test]
    public void MeanOfRanksRanksEveryComponentOnItsOwn()
    {
        // Box ranks of four: 3/8, 5/8, 7/8, failed; count ranks: 7/8, 3/8, 5/8.
        Assert.That(Score(RewardCombination.MeanOfRanks, Candidates), Is.EqualTo(new[] { (9 + 7) / 32f, (15 + 3) / 32f, (21 + 5) / 32f, 0 }));
    }

    [Test]
    public void SumThenNormalizeIsPlainGrpo()
    {
        var expected = Normalized((.3 + 1) / 4, .6 / 4, (1.8 + .5) / 4, 0);
        Assert.That(Score(RewardCombination.SumThenNormalize, Candidates), Is.EqualTo(expected).Within(1e-5));
    }

    [Test]
    public void NormalizeThenSumIsGdpo()
    {
        double[] box = Normalized(.1, .2, .6, 0), count = Normalized(1, 0, .5, 0);
        var expected = box.Zip(count, (b, c) => (3 * b + c) / 4);
        Assert.That(Score(RewardCombination.NormalizeThenSum, Candidates), Is.EqualTo(expected).Within(1e-5));
    }

    [Test]
    public void AComponentWithoutSpreadAddsNothing()
    {
        var rewards = Score(RewardCombination.NormalizeThenSum, Of(.5, 0), Of(.5, 1));
        Assert.That(rewards, Is.EqualTo(Normalized(0, 1).Select(value => value / 4)).Within(1e-5));
    }

    [Test]
    public void RivalsRememberNothing()
    {
        var reward = new DistributionRankedReward(new() { Mode = RankedRewardMode.ReferenceWindow, Combination = RewardCombination.SumThenNormalize });
        reward.Score([new(.1, .1, .1, .1, .1, .1), new(.2, .2, .2, .2, .2, .2)], [2], new float[2]);
        Assert.That(reward.SaveState(), Is.Empty);
        Assert.That(() => new DistributionRankedReward(new() { Combination = (RewardCombination)9 }), Throws.ArgumentException.With.Message.Contains("Combination is 9"));
    }
}
