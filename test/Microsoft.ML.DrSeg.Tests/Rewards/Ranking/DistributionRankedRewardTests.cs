using Microsoft.ML.DrSeg.Rewards;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Rewards;

public class DistributionRankedRewardTests
{
    private static readonly RankedRewardMode[] Modes = Enum.GetValues<RankedRewardMode>();

    private static CandidateMetrics Uniform(double value) => new(value, value, value, value, value, value);

    private static CandidateMetrics[] RandomStep(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => random.Next(8) == 0
            ? CandidateMetrics.Failed
            : new CandidateMetrics(random.NextDouble(), random.NextDouble(), random.NextDouble(), random.NextDouble(), random.NextDouble(), random.Next(2)))];

    private static float[] Score(ICandidateReward reward, CandidateMetrics[] candidates, params int[] groupSizes)
    {
        var rewards = new float[candidates.Length];
        reward.Score(candidates, groupSizes, rewards);
        return rewards;
    }

    private static DistributionRankedReward Window(int capacity = 2048, int minimum = 128, params WeightedComponent[] components) =>
        new(new() { Mode = RankedRewardMode.ReferenceWindow, WindowCapacity = capacity, WindowMinimum = minimum, Components = components.Length > 0 ? components : null });

    [Test]
    public void WithinTheGroupEachGroupIsRankedAlone()
    {
        var reward = new DistributionRankedReward(new() { Temperature = 0 });
        var rewards = Score(reward, [Uniform(.1), Uniform(.2), Uniform(.8), Uniform(.9), CandidateMetrics.Failed], 2, 3);
        Assert.That(rewards, Is.EqualTo(new[] { .25f, .75f, .5f, 5 / 6f, 0 }));
    }

    [Test]
    public void AgainstTheWindowTheRewardIsTheMeanOfQuantiles()
    {
        var reward = Window(4, 0, new(RewardComponent.BoxIoU, 3), new(RewardComponent.CountScore));
        reward.Learn([
            new() { BoxIoU = .1, CountScore = 1 }, new() { BoxIoU = .2, CountScore = 1 },
            new() { BoxIoU = .3, CountScore = 1 }, new() { BoxIoU = .4, CountScore = 0 }]);
        // Box .3: (2 + 1/2) / 4; count 1: (1 + 3/2) / 4; weights 3 to 1.
        var rewards = Score(reward, [new() { BoxIoU = .3, CountScore = 1 }], 1);
        Assert.That(rewards[0], Is.EqualTo((3 * .625 + .625) / 4).Within(1e-7));
    }

    [Test]
    public void TheFirstStepIsRankedAgainstItsOwnValues()
    {
        var rewards = Score(Window(minimum: 4), [Uniform(.1), Uniform(.2), Uniform(.3), Uniform(.4)], 2, 2);
        Assert.That(rewards, Is.EqualTo(new[] { .125f, .375f, .625f, .875f }));
    }

    [Test]
    public void AFullWindowIsReadBeforeTheStepEntersIt()
    {
        var reward = Window(capacity: 4, minimum: 4);
        Score(reward, [Uniform(.1), Uniform(.2), Uniform(.3), Uniform(.4)], 4);
        Assert.That(Score(reward, [Uniform(.9), Uniform(.25)], 2), Is.EqualTo(new[] { 1f, .5f }));
        // The window now holds .3 .4 .9 .25.
        Assert.That(Score(reward, [Uniform(.27)], 1), Is.EqualTo(new[] { .25f }));
    }

    [Test]
    public void FailedAnswersEarnZeroAndNeverEnterTheWindow()
    {
        var reward = Window(minimum: 0);
        reward.Learn([CandidateMetrics.Failed, Uniform(0), CandidateMetrics.Failed]);
        var rewards = Score(reward, [CandidateMetrics.Failed, Uniform(0)], 2);
        Assert.Multiple(() =>
        {
            Assert.That(rewards, Is.EqualTo(new[] { 0f, .5f }), "a true 0 ties with the 0 in the window, a failure does not");
            Assert.That(reward.SaveState().Values, Is.All.EqualTo(new[] { 0.0, 0.0 }));
        });
    }

    [Test]
    public void AStepOfFailuresOnlyIsZeroInBothModes()
    {
        foreach (var mode in Modes)
            Assert.That(Score(new DistributionRankedReward(new() { Mode = mode }), [CandidateMetrics.Failed, CandidateMetrics.Failed], 2), Is.All.Zero);
    }

    [Test]
    public void ABetterCandidateNeverGetsLessAndEqualOnesGetTheSame()
    {
        var random = new Random(2);
        foreach (var mode in Modes)
        {
            var reward = new DistributionRankedReward(new() { Mode = mode });
            for (var step = 0; step < 40; step++)
            {
                var candidates = Enumerable.Range(0, 8).Select(_ => Uniform(random.Next(6) / 5.0)).ToArray();
                var rewards = Score(reward, candidates, 8);
                for (var i = 0; i < 8; i++)
                {
                    for (var j = 0; j < 8; j++)
                    {
                        var (better, same) = (candidates[i].MaskIoU > candidates[j].MaskIoU, candidates[i].MaskIoU == candidates[j].MaskIoU);
                        if (better || same)
                            Assert.That(rewards[i], same ? Is.EqualTo(rewards[j]) : Is.GreaterThanOrEqualTo(rewards[j]));
                    }
                }
                Assert.That(rewards, Is.All.InRange(0, 1));
            }
        }
    }

    [Test]
    public void PermutingCandidatesPermutesRewards()
    {
        var random = new Random(4);
        foreach (var mode in Modes)
        {
            var (first, second) = (new DistributionRankedReward(new() { Mode = mode }), new DistributionRankedReward(new() { Mode = mode }));
            for (var step = 0; step < 20; step++)
            {
                var candidates = RandomStep(random, 8);
                var order = Enumerable.Range(0, 8).ToArray();
                random.Shuffle(order);
                var rewards = Score(first, candidates, 8);
                Assert.That(Score(second, [.. order.Select(i => candidates[i])], 8), Is.EqualTo(order.Select(i => rewards[i])));
            }
        }
    }

    [Test]
    public void ARestoredRunContinuesBitForBit()
    {
        var random = new Random(6);
        var whole = Window(capacity: 100, minimum: 30);
        for (var step = 0; step < 7; step++)
            Score(whole, RandomStep(random, 24), 8, 8, 8);
        var resumed = Window(capacity: 100, minimum: 30);
        resumed.RestoreState(whole.SaveState());
        for (var step = 0; step < 7; step++)
        {
            var candidates = RandomStep(random, 24);
            Assert.That(Score(resumed, candidates, 8, 8, 8), Is.EqualTo(Score(whole, candidates, 8, 8, 8)));
        }
    }

    [Test]
    public void AStateOfAnotherRewardIsRefused()
    {
        var window = Window(components: new WeightedComponent(RewardComponent.Dice));
        window.Learn([Uniform(.5)]);
        var state = window.SaveState();
        Assert.Multiple(() =>
        {
            Assert.That(() => Window().RestoreState(state), Throws.ArgumentException.With.Message.Contains("1 windows"));
            Assert.That(() => Window(components: new WeightedComponent(RewardComponent.MaskIoU)).RestoreState(state), Throws.ArgumentException.With.Message.Contains("MaskIoU"));
            Assert.That(() => new PlainReward().RestoreState(state), Throws.ArgumentException.With.Message.Contains("Dice"));
            Assert.That(() => new DistributionRankedReward().RestoreState(new Dictionary<RewardComponent, double[]>()), Throws.Nothing);
        });
    }

    [Test]
    public void ANumberThatIsNotFiniteIsRefusedAndNothingIsLearnt()
    {
        // The bad number is in the last component; the windows of the others must stay empty too.
        var bad = Uniform(.5) with { MaskIoU = double.NaN };
        foreach (var mode in Modes)
        {
            var reward = new DistributionRankedReward(new() { Mode = mode });
            Assert.That(() => Score(reward, [Uniform(.1), bad], 2), Throws.ArgumentException.With.Message.Contains("MaskIoU of candidate 1 is NaN"));
            Assert.That(reward.SaveState().Values.Sum(values => values.Length), Is.Zero);
        }
        Assert.That(() => Score(new PlainReward(), [bad], 1), Throws.ArgumentException);
    }

    [Test]
    public void PlainRewardIsTheWeightedMeanOfRawComponents()
    {
        var candidate = new CandidateMetrics { MaskIoU = .5, BoxIoU = 1 };
        Assert.Multiple(() =>
        {
            Assert.That(Score(new PlainReward(), [candidate, CandidateMetrics.Failed], 2), Is.EqualTo(new[] { .5f, 0 }));
            Assert.That(Score(new PlainReward([new(RewardComponent.MaskIoU, 3), new(RewardComponent.BoxIoU)]), [candidate], 1), Is.EqualTo(new[] { .625f }));
        });
    }

    [Test]
    public void BadSettingsAndLayoutsAreNamed()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => new PlainReward([]), Throws.ArgumentException);
            Assert.That(() => new PlainReward([new(RewardComponent.Dice, 0)]), Throws.ArgumentException.With.Message.Contains("Dice is 0"));
            Assert.That(() => new PlainReward([new(RewardComponent.Dice), new(RewardComponent.Dice)]), Throws.ArgumentException.With.Message.Contains("more than once"));
            Assert.That(() => new PlainReward([new((RewardComponent)99)]), Throws.ArgumentException);
            Assert.That(() => new DistributionRankedReward(new() { Temperature = -1 }), Throws.ArgumentException.With.Message.Contains("Temperature is -1"));
            Assert.That(() => Window(capacity: 0), Throws.ArgumentException.With.Message.Contains("WindowCapacity is 0"));
            Assert.That(() => Window(capacity: 10, minimum: 11), Throws.ArgumentException.With.Message.Contains("WindowMinimum is 11"));
            Assert.That(() => Score(new PlainReward(), [Uniform(1), Uniform(1)], 1), Throws.ArgumentException.With.Message.Contains("1 candidates together, but 2"));
            Assert.That(() => Score(new PlainReward(), [Uniform(1)], 1, 0), Throws.ArgumentException.With.Message.Contains("Group 1 has 0"));
        });
    }
}
