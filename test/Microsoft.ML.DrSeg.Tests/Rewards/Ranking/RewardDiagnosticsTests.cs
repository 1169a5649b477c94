using Microsoft.ML.DrSeg.Rewards;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Rewards;

public class RewardDiagnosticsTests
{
    private static readonly WeightedComponent[] BoxAndCount = [new(RewardComponent.BoxIoU), new(RewardComponent.CountScore)];

    private static CandidateMetrics Of(double box, double count) => new() { BoxIoU = box, CountScore = count };

    private static RewardDiagnostics Diagnose(ICandidateReward reward, CandidateMetrics[] candidates, params int[] groupSizes)
    {
        reward.Score(candidates, groupSizes, new float[candidates.Length]);
        return reward.Diagnose(candidates, groupSizes)!;
    }

    private static bool Near((double, double) a, (double, double) b) => Math.Abs(a.Item1 - b.Item1) < 1e-12 && Math.Abs(a.Item2 - b.Item2) < 1e-12;

    [Test]
    public void APlainSumIsDrivenByTheLargerSpreadAndRanksEvenItOut()
    {
        // Count swings by 1, box by hundredths, unrelated to each other.
        CandidateMetrics[] candidates = [Of(.50, 0), Of(.53, 1), Of(.51, 1), Of(.52, 0)];
        var plain = Diagnose(new PlainReward(BoxAndCount), candidates, 4);
        var ranked = Diagnose(new DistributionRankedReward(new() { Components = BoxAndCount, Temperature = 0 }), candidates, 4);
        Assert.Multiple(() =>
        {
            Assert.That(plain.Components[1].AdvantageShare, Is.GreaterThan(.97));
            Assert.That(plain.Components.Sum(one => one.AdvantageShare), Is.EqualTo(1).Within(1e-12));
            // Ranks of the boxes: variance (9 + 1 + 1 + 9) / 256; of the counts: 4 / 64 with ties; no covariance but of .53 and .50.
            Assert.That(ranked.Components.Sum(one => one.AdvantageShare), Is.EqualTo(1).Within(1e-12));
            Assert.That(ranked.Components[0].AdvantageShare, Is.InRange(.4, .6));
        });
    }

    [Test]
    public void SharesAreCovarianceOverVarianceAveragedOverGroups()
    {
        // First group: box alone moves. Second: box -1 +1 and count +.5 -.5, so -.5 +.5 in all: 2 and -1. Third: nothing moves.
        CandidateMetrics[] candidates = [Of(0, 1), Of(1, 1), Of(0, .5), Of(1, 0), Of(.5, .5), Of(.5, .5)];
        var diagnostics = Diagnose(new PlainReward(BoxAndCount), candidates, 2, 2, 2);
        Assert.Multiple(() =>
        {
            Assert.That(diagnostics.Components[0].AdvantageShare, Is.EqualTo((1 + 2) / 2.0).Within(1e-12));
            Assert.That(diagnostics.Components[1].AdvantageShare, Is.EqualTo((0 - 1) / 2.0).Within(1e-12));
            Assert.That(diagnostics.GroupsWithoutSpread, Is.EqualTo(1 / 3.0).Within(1e-12));
            Assert.That(diagnostics.WindowFill, Is.Null);
        });
    }

    [Test]
    public void FailedAnswersAreCountedAndLeftOutOfMeans()
    {
        CandidateMetrics[] candidates = [Of(.2, 1), CandidateMetrics.Failed, Of(.4, 1), CandidateMetrics.Failed with { IsOverLong = true }];
        var reward = new DistributionRankedReward(new() { Mode = RankedRewardMode.ReferenceWindow, Components = BoxAndCount, WindowCapacity = 8, WindowMinimum = 0 });
        reward.Learn([Of(.1, 1), Of(.3, 1)]);
        var diagnostics = Diagnose(reward, candidates, 2, 2);
        var box = diagnostics.Components[0];
        Assert.Multiple(() =>
        {
            Assert.That((diagnostics.Failed, diagnostics.OverLong), Is.EqualTo((.5, .25)));
            Assert.That((box.Mean, box.Spread), Is.EqualTo((.3, .1)).Using<(double, double)>(Near));
            Assert.That((box.RankedMean, box.RankedSpread), Is.EqualTo((.75, .25)).Using<(double, double)>(Near));
            Assert.That(diagnostics.WindowFill, Is.EqualTo(.5), "two and two of eight");
            Assert.That(diagnostics.ToMetrics().Select(metric => metric.Key), Is.Unique);
        });
    }

    [Test]
    public void OnlyTheStepScoredLastCanBeExplained()
    {
        var reward = new DistributionRankedReward();
        reward.Score([Of(0, 0)], [1], new float[1]);
        Assert.That(() => reward.Diagnose([Of(0, 0), Of(0, 0)], [2]), Throws.InvalidOperationException);
    }
}
