using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tests.Training;

public class GrpoLoopTests
{
    private const int Steps = 40;

    private static double[] Rewards(GrpoOptions options)
    {
        using DrSegModel model = TinyModel.Trained();
        using var loop = new GrpoLoop(model, options);
        SegmentationExample[] batch = TinyModel.Examples(8);
        return [.. Enumerable.Range(0, Steps).Select(_ => loop.Step(batch).Reward)];
    }

    private static double Rise(double[] rewards) => rewards[^5..].Average() - rewards[..5].Average();

    private static GrpoOptions Options => new() { Steps = Steps, Sampling = new() { GroupSize = 16 }, Objective = new() { DivergenceWeight = 0 }, Optimizer = new() { LearningRate = 2e-3 } };

    [Test]
    public void TheRewardOfAFixedBatchRises()
    {
        double[] rewards = Rewards(Options);
        TestContext.Out.WriteLine(string.Join(" ", rewards.Select(reward => $"{reward:0.00}")));
        Assert.That(Rise(rewards), Is.GreaterThan(0.1));
    }

    /// <summary>The control: a reward without regard to the masks must not raise their IoU.</summary>
    [Test]
    public void AnIndifferentRewardTeachesNothing()
    {
        using DrSegModel model = TinyModel.Trained();
        float[] before = TinyModel.PolicyWeights(model);
        using var loop = new GrpoLoop(model, Options, new Indifferent());
        GrpoStepMetrics metrics = loop.Step(TinyModel.Examples(8));
        Assert.That(metrics.GroupsWithoutSpread, Is.EqualTo(1));
        // Weight decay alone moves them.
        Assert.That(TinyModel.PolicyWeights(model).Zip(before, (now, then) => Math.Abs(now - then)).Max(), Is.LessThan(1e-3));
    }

    [Test]
    public void EveryCombinationOfTheAdaptersTrains([Values] bool looks, [Values(null, RankedRewardMode.WithinGroup, RankedRewardMode.ReferenceWindow)] RankedRewardMode? mode)
    {
        using DrSegModel model = TinyModel.Trained();
        float[] before = TinyModel.PolicyWeights(model);
        using var loop = new GrpoLoop(model, new()
        {
            Steps = 2,
            Sampling = new() { GroupSize = 4, LookToConfirm = looks ? new LookToConfirmOptions { FirstLookAnswers = 2, CloserViews = 1, AnswersPerCloserView = 2, Threshold = float.PositiveInfinity } : null },
            Optimizer = new() { UpdatesPerStep = 2 },
        }, mode is { } ranked ? new DistributionRankedReward(new() { Mode = ranked }) : null);
        loop.Step(TinyModel.Examples(4));
        GrpoStepMetrics metrics = loop.Step(TinyModel.Examples(4));
        Assert.That(metrics.Step, Is.EqualTo(2));
        Assert.That(metrics.ToDictionary().Values, Has.All.Not.NaN);
        Assert.That(metrics.SecondLookShare > 0, Is.EqualTo(looks));
        Assert.That(metrics.Timing.LookToConfirm > 0, Is.EqualTo(looks));
        Assert.That(metrics.LearningRate, Is.LessThan(new OptimizerOptions().LearningRate));
        Assert.That(TinyModel.PolicyWeights(model), Is.Not.EqualTo(before));
    }

    [Test]
    public void TheFirstUpdateIsUnderTheVeryPolicyThatDrewTheAnswers([Values] ImportanceRatio ratio)
    {
        using DrSegModel model = TinyModel.Trained();
        using var loop = new GrpoLoop(model, new() { Steps = 1, Sampling = new() { GroupSize = 4 }, Objective = new() { ImportanceRatio = ratio, ClipLow = 1e-3, ClipHigh = 1e-3 } });
        GrpoStepMetrics metrics = loop.Step(TinyModel.Examples(4));
        Assert.That(metrics.ClippedShare, Is.Zero);
        Assert.That(metrics.RatioGap, Is.LessThan(1e-5));
        // Advantages have mean 0 in every group, and all ratios are 1.
        Assert.That(metrics.Loss, Is.EqualTo(0).Within(1e-4));
        Assert.That(metrics.Divergence, Is.EqualTo(0).Within(1e-6));
    }

    [Test]
    public void LaterUpdatesLeaveThePolicyThatDrewTheAnswers()
    {
        using DrSegModel model = TinyModel.Trained();
        using var loop = new GrpoLoop(model, new() { Steps = 1, Sampling = new() { GroupSize = 4 }, Objective = new() { ClipLow = 1e-3, ClipHigh = 1e-3 }, Optimizer = new() { UpdatesPerStep = 4, LearningRate = 1e-2, WarmUpShare = 0 } });
        Assert.That(loop.Step(TinyModel.Examples(4)).ClippedShare, Is.GreaterThan(0.1));
    }

    /// <summary>The schedule once counted updates against steps, so that with two updates a step the cosine rose again.</summary>
    [Test]
    public void TheLearningRateEndsNearZeroHoweverManyUpdatesAStepHas([Values(1, 2, 3)] int updates)
    {
        using DrSegModel model = TinyModel.Trained();
        using var loop = new GrpoLoop(model, new() { Steps = 12, Sampling = new() { GroupSize = 2 }, Optimizer = new() { LearningRate = 1e-3, UpdatesPerStep = updates } });
        double[] rates = [.. Enumerable.Range(0, 12).Select(_ => loop.Step(TinyModel.Examples(1)).LearningRate)];
        Assert.That(rates[1..], Is.Ordered.Descending);
        Assert.That(rates[^1], Is.LessThan(5e-5));
    }

    [TestCase(0, true)]
    [TestCase(2, false)]
    public void ASynchronisedReferenceFollowsThePolicy(int every, bool drifts)
    {
        using DrSegModel model = TinyModel.Trained();
        using var loop = new GrpoLoop(model, new() { Steps = 20, Sampling = new() { GroupSize = 4 }, Objective = new() { ReferenceSyncEveryNSteps = every }, Optimizer = new() { LearningRate = 2e-3 } });
        double[] divergence = [.. Enumerable.Range(0, 7).Select(_ => loop.Step(TinyModel.Examples(4)).Divergence)];
        // Measured before the update: 0 in the step after a synchronisation.
        Assert.That(divergence[0], Is.EqualTo(0).Within(1e-6));
        Assert.That(divergence[3], Is.GreaterThan(1e-6));
        Assert.That(divergence[6] > 1e-6, Is.EqualTo(drifts));
    }

    [Test]
    public void QueriesWithoutSignalAreReplacedByFreshOnes()
    {
        using DrSegModel model = TinyModel.Trained();
        var reward = new SpreadFromTheSecondTimeOn();
        var asked = new List<int>();
        using var loop = new GrpoLoop(model, new() { Steps = 1, Sampling = new() { GroupSize = 4, ResampleAttempts = 3 } }, reward);
        GrpoStepMetrics metrics = loop.Step(
            TinyModel.Examples(4),
            count =>
            {
                asked.Add(count);
                return [.. Enumerable.Range(10, count).Select(i => TinyModel.Example(i))];
            },
            (rollout, _) => Assert.That(rollout.Examples.Select(example => example.Id), Is.EqualTo(new long[] { 2, 3, 10, 11 })));
        Assert.That(asked, Is.EqualTo(new[] { 2 }));
        Assert.That(metrics.ResampledQueries, Is.EqualTo(2));
        Assert.That(metrics.GroupsWithoutSpread, Is.Zero);
        Assert.That(reward.TimesLearned, Is.EqualTo(1), "a step is rewarded once, however often it is resampled");
    }

    [Test]
    public void ResamplingEndsAtItsBound()
    {
        using DrSegModel model = TinyModel.Trained();
        int asked = 0;
        using var loop = new GrpoLoop(model, new() { Steps = 1, Sampling = new() { GroupSize = 2, ResampleAttempts = 3 } }, new Indifferent());
        GrpoStepMetrics metrics = loop.Step(TinyModel.Examples(2), count => [.. Enumerable.Range(10 * ++asked, count).Select(i => TinyModel.Example(i))]);
        Assert.That((asked, metrics.ResampledQueries, metrics.GroupsWithoutSpread), Is.EqualTo((3, 6, 1.0)));
    }

    [Test]
    public void WithLookToConfirmReplacedQueriesTakeBothTheirLooksAlong()
    {
        using DrSegModel model = TinyModel.Fresh();
        using var loop = new GrpoLoop(model, new()
        {
            Steps = 1,
            Sampling = new() { ResampleAttempts = 2, LookToConfirm = new LookToConfirmOptions { FirstLookAnswers = 2, CloserViews = 1, AnswersPerCloserView = 2, Threshold = float.PositiveInfinity } },
        });
        int next = 6;
        GrpoStepMetrics metrics = loop.Step(TinyModel.Examples(6), count => [.. Enumerable.Range(0, count).Select(_ => TinyModel.Example(next++))],
            (rollout, scored) =>
            {
                Assert.That(rollout.Examples, Has.Count.EqualTo(6));
                Assert.That(rollout.Owners.SelectMany(own => own).Distinct().Order(), Is.EqualTo(Enumerable.Range(0, 6)));
                foreach ((int[] owners, var look) in rollout.Owners.Zip(rollout.Looks))
                    Assert.That(owners.Select(owner => rollout.Examples[owner].Id), Is.EqualTo(look.Prompts.Prompts.Select(prompt => prompt.Id)));
            });
        // Nearly all answers of untrained weights fail and earn the same.
        Assert.That(metrics.ResampledQueries, Is.GreaterThan(0));
    }

    [Test]
    public void AnswersLeftOutOfTheLossTeachNothing([Values] bool failed)
    {
        // Untrained weights: all answers fail, most of them by never ending.
        using DrSegModel model = TinyModel.Fresh();
        float[] before = TinyModel.PolicyWeights(model);
        using var loop = new GrpoLoop(model, new()
        {
            Steps = 1,
            Sampling = new() { GroupSize = 4 },
            Objective = new() { DivergenceWeight = 0, EntropyWeight = 1, MaskFailedAnswers = failed, MaskOverlongAnswers = !failed },
        }, new Indifferent());
        GrpoStepMetrics metrics = loop.Step(TinyModel.Examples(8));
        Assert.That(metrics.FailedShare, Is.GreaterThan(0.9));
        Assert.That(metrics.OverlongShare, Is.GreaterThan(0));
        Assert.That(metrics.Failures.Values.Sum(), Is.EqualTo(metrics.FailedShare * 8 * 4).Within(1e-9));
        Assert.That(metrics.Failures.Values, Is.All.Positive);
        Assert.That(metrics.FailureExamples.Keys, Is.EqualTo(metrics.Failures.Keys));
        Assert.That(metrics.FailureExamples.Values, Is.All.Not.Empty);
        // The bonus for entropy is all there is to learn from; without any answer the gradient is exactly 0.
        Assert.That(metrics.GradientNorm, failed && metrics.FailedShare == 1 ? Is.Zero : Is.GreaterThan(0));
        Assert.That(TinyModel.PolicyWeights(model), Is.Not.EqualTo(before));
    }

    [Test]
    public void ADivergedStepNamesItselfItsExamplesAndARemedy()
    {
        using DrSegModel model = TinyModel.Trained();
        using var loop = new GrpoLoop(model, new() { Steps = 3, Sampling = new() { GroupSize = 4 }, Objective = new() { EntropyWeight = 1e38 }, Optimizer = new() { LargestGradientNorm = double.MaxValue } });
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() =>
        {
            for (int i = 0; i < 3; i++) loop.Step([.. TinyModel.Examples(4).Select(e => e with { Id = e.Id + 70 })]);
        })!;
        Assert.That(error.Message, Does.Contain("step 1 (examples 70, 71, 72, 73)").And.Contains("lower learning rate"));
    }

    /// <summary>Loss and gradient are finite, but the update that follows is so large that no answer can be drawn any more.</summary>
    [Test]
    public void WeightsThatDrawNoAnswersAreADivergenceOfTheStepAfter()
    {
        using DrSegModel model = TinyModel.Trained();
        using var loop = new GrpoLoop(model, new() { Steps = 3, Sampling = new() { GroupSize = 4 }, Optimizer = new() { LearningRate = 1e30, WarmUpShare = 0 } });
        loop.Step(TinyModel.Examples(4));
        Assert.That(() => loop.Step(TinyModel.Examples(4)), Throws.TypeOf<TrainingDivergedException>().With.Message
            .Match("step 2 \\(examples 0, 1, 2, 3\\): the policy's score for token \\d+ is \\S+, .*lower learning rate"));
    }

    [Test]
    public void AModelThatWasDamagedBeforeIsNoDivergence()
    {
        using DrSegModel model = TinyModel.Trained();
        using (no_grad())
            foreach (var parameter in model.Policy.Parameters()) parameter.fill_(float.NaN);
        using var loop = new GrpoLoop(model, new() { Steps = 1, Sampling = new() { GroupSize = 4 } });
        Assert.That(() => loop.Step(TinyModel.Examples(4)), Throws.InstanceOf<InvalidOperationException>().And.Not.InstanceOf<TrainingDivergedException>()
            .And.Message.Contains("Load a good model"));
    }

    [Test]
    public void AnswersLieQueryByQueryAndPromptByPrompt()
    {
        using DrSegModel model = TinyModel.Trained();
        using var loop = new GrpoLoop(model, new()
        {
            Steps = 1,
            Sampling = new() { LookToConfirm = new LookToConfirmOptions { FirstLookAnswers = 4, CloserViews = 2, AnswersPerCloserView = 3, Threshold = float.PositiveInfinity } },
        });
        loop.Step(TinyModel.Examples(4), inspect: (rollout, scored) =>
        {
            CandidateOrder order = rollout.Order;
            Assert.That(rollout.Looks, Has.Length.EqualTo(2));
            Assert.That(order.Candidates.Select(candidate => candidate.Query), Is.Ordered);
            Assert.That(order.Candidates.CountBy(candidate => candidate.Query).Max(pair => pair.Value), Is.GreaterThan(4), "both looks at a query lie together");
            Assert.That(order.Places.SelectMany(look => look).Order(), Is.EqualTo(Enumerable.Range(0, order.Candidates.Length)));
            foreach ((Look look, int[] places) in rollout.Looks.Zip(order.Places))
                Assert.That(places.Select(place => order.Candidates[place].Generated), Is.EqualTo(look.Answers.SelectMany(answers => answers)));

            Assert.That(order.Origins.Select(origin => origin.Prompt), Is.Ordered);
            int first = 0;
            foreach (int size in order.Origins.CountBy(origin => origin.Prompt).Select(pair => pair.Value))
            {
                // Advantages have mean 0 among the answers to a prompt.
                Assert.That(scored.Advantages[first..(first + size)].Average(), Is.EqualTo(0).Within(1e-6));
                Assert.That(rollout.Looks.Sum(look => look.Answers.Count(answers => ReferenceEquals(answers[0], order.Candidates[first].Generated))), Is.EqualTo(1));
                first += size;
            }
        });
    }

    [Test]
    public void ARewardThatThrowsForgetsOrGivesNoNumberIsNamed()
    {
        using DrSegModel model = TinyModel.Trained();
        void Refuses(Action<float[]> fill, string said)
        {
            float[] before = TinyModel.PolicyWeights(model);
            using var loop = new GrpoLoop(model, new() { Steps = 1, Sampling = new() { GroupSize = 2 } }, new Indifferent(fill));
            Assert.That(() => loop.Step(TinyModel.Examples(2)), Throws.InvalidOperationException.With.Message.Contains(said)
                .And.Message.Contains("step 1 (examples 0, 1)").And.Message.Contains(nameof(Indifferent)));
            Assert.That(TinyModel.PolicyWeights(model), Is.EqualTo(before));
        }
        Assert.Multiple(() =>
        {
            Refuses(_ => throw new TimeoutException("the service is away"), "the service is away");
            Refuses(rewards => rewards[2] = float.NaN, "gave NaN to an answer to example 1");
            Refuses(rewards => rewards[3] = float.PositiveInfinity, "to an answer to example 1");
            // Too few: what was not given stays unset.
            Refuses(rewards => rewards[1] = float.NaN, "to an answer to example 0");
        });
    }

    private sealed class Indifferent(Action<float[]>? change = null) : ICandidateReward
    {
        public void Score(ReadOnlySpan<CandidateMetrics> candidates, ReadOnlySpan<int> groupSizes, Span<float> rewards)
        {
            float[] given = [.. Enumerable.Repeat(0.5f, rewards.Length)];
            change?.Invoke(given);
            given.CopyTo(rewards);
        }

        public IReadOnlyDictionary<RewardComponent, double[]> SaveState() => new Dictionary<RewardComponent, double[]>();

        public void RestoreState(IReadOnlyDictionary<RewardComponent, double[]> state)
        {
        }
    }

    /// <summary>Groups from the given place on have a spread, those before none: remembers how often it was asked since its state was put back.</summary>
    private sealed class SpreadFromTheSecondTimeOn : ICandidateReward
    {
        public int TimesLearned { get; private set; }

        private int _asked;

        public void Score(ReadOnlySpan<CandidateMetrics> candidates, ReadOnlySpan<int> groupSizes, Span<float> rewards)
        {
            TimesLearned++;
            rewards.Fill(0.5f);
            // The first two queries never have a spread at first; what replaces them has.
            int from = _asked++ == 0 ? 2 * groupSizes[0] : 0;
            for (int i = from; i < rewards.Length; i += 2) rewards[i] = 0.75f;
        }

        public IReadOnlyDictionary<RewardComponent, double[]> SaveState() => new Dictionary<RewardComponent, double[]> { [RewardComponent.Dice] = [TimesLearned] };

        public void RestoreState(IReadOnlyDictionary<RewardComponent, double[]> state) => TimesLearned = (int)state[RewardComponent.Dice][0];
    }
}
