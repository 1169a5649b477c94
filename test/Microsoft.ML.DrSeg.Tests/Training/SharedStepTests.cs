using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Training;

/// <summary>Steps that several processes share, which threads stand for: the same run, whatever their number.</summary>
public class SharedStepTests
{
    private const int Steps = 3;

    [TestCase(24, 4, new[] { 6, 6, 6, 6 })]
    [TestCase(5, 2, new[] { 3, 2 })]
    [TestCase(3, 4, new[] { 1, 1, 1, 0 })]
    public void QueriesAreSharedOutInBlocksAndTheFirstProcessAlwaysHasSome(int queries, int size, int[] counts)
    {
        SegmentationExample[] examples = TinyModel.Examples(queries);
        int[][] own = ThreadGroup.Run(size, group => StepShare.Of(group, examples).Queries);
        Assert.That(own.Select(part => part.Length), Is.EqualTo(counts));
        Assert.That(own.SelectMany(part => part), Is.EqualTo(Enumerable.Range(0, queries)));
    }

    [Test]
    public void AFreshExampleGoesToWhoseQueryItReplaces()
    {
        SegmentationExample[] all = TinyModel.Examples(6);
        StepShare[] shares = ThreadGroup.Run(2, group => StepShare.Of(group, all[..4]).Replace([1, 2], all[4..]));
        Assert.That(shares[0].Examples.Select(example => example.Id), Is.EqualTo(new[] { 0, 3, 4, 5 }));
        Assert.That(shares[0].Own.Select(example => example.Id), Is.EqualTo(new[] { 0, 4 }));
        Assert.That(shares[1].Own.Select(example => example.Id), Is.EqualTo(new[] { 3, 5 }));
    }

    [Test]
    public void BatchesThatWereSharedOutComeBackInTheirOrder([Values(1, 2, 3, 5)] int size, [Values(0, 1, 4, 7)] int batches)
    {
        int[][] all = [.. Enumerable.Range(0, batches).Select(batch => Enumerable.Range(10 * batch, 1 + batch % 3).ToArray())];
        int[][] found = ThreadGroup.Run(size, group => group.InOrder([.. all.Where((_, number) => group.IsOwn(number))]));
        Assert.That(found, Has.All.EqualTo(all.SelectMany(batch => batch)));
    }

    /// <summary>Everything at once that a step can do: both looks, the ranked window, several updates, a confirming head that learns, and queries replaced.</summary>
    [Test]
    public void AStepIsTheSameWhateverTheNumberOfProcesses([Values(LossAggregation.Grpo, LossAggregation.Dapo, LossAggregation.DrGrpo)] LossAggregation aggregation)
    {
        var options = new GrpoOptions
        {
            Steps = Steps,
            Sampling = new()
            {
                LookToConfirm = new LookToConfirmOptions { FirstLookAnswers = 3, CloserViews = 1, AnswersPerCloserView = 2, Threshold = 0.7f },
                ResampleAttempts = 1,
            },
            Objective = new() { LossAggregation = aggregation, MaskFailedAnswers = true, EntropyWeight = 1e-3 },
            Optimizer = new() { LearningRate = 1e-3, UpdatesPerStep = 2, ConfirmationLearningRate = 1e-3, LargestGradientNorm = 0.1 },
        };
        (GrpoStepMetrics[] expected, float[] weights) = Train(options, queries: 3, SingleProcess.Instance);
        Assert.That(expected.Sum(step => step.SecondLookShare), Is.GreaterThan(0));
        Assert.That(expected[0].GradientNorm, Is.GreaterThan(options.Optimizer.LargestGradientNorm), "it is clipped");
        foreach (int size in new[] { 1, 2, 4 })
        {
            (GrpoStepMetrics[] Curve, float[] Weights)[] found = ThreadGroup.Run(size, group => Train(options, queries: 3, group));
            foreach ((GrpoStepMetrics[] curve, float[] own) in found)
            {
                Assert.That(own, Is.EqualTo(found[0].Weights), "all processes have the same weights, to the last bit");
                Assert.That(TinyModel.MeanDistance(own, weights), Is.LessThan(1e-5), $"{size} processes");
                for (int step = 0; step < Steps; step++)
                    Same(curve[step], expected[step], size);
            }
        }
    }

    [Test]
    public void QueriesAreReplacedInWhateverProcessTheyAre()
    {
        var options = new GrpoOptions { Steps = 1, Sampling = new() { GroupSize = 2, ResampleAttempts = 2 } };
        (GrpoStepMetrics[] expected, float[] weights) = Train(options, queries: 5, SingleProcess.Instance, steps: 1, reward: Picky());
        Assert.That(expected[0].ResampledQueries, Is.GreaterThan(1));
        foreach ((GrpoStepMetrics[] curve, float[] own) in ThreadGroup.Run(3, group => Train(options, queries: 5, group, steps: 1, reward: Picky())))
        {
            Assert.That(curve[0].ResampledQueries, Is.EqualTo(expected[0].ResampledQueries));
            Assert.That(curve[0].Reward, Is.EqualTo(expected[0].Reward).Within(1e-6));
            Assert.That(TinyModel.MeanDistance(own, weights), Is.LessThan(1e-5));
        }
    }

    [Test]
    public void ALossThatIsNoNumberInOneProcessStopsAll()
    {
        var options = new GrpoOptions { Steps = 1, Sampling = new() { GroupSize = 4 }, Objective = new() { EntropyWeight = 1e38 }, Optimizer = new() { LargestGradientNorm = double.MaxValue } };
        int[] stopped = ThreadGroup.Run(2, group =>
        {
            Assert.That(() => Train(options, queries: 2, group, steps: 1), Throws.InstanceOf<TrainingDivergedException>());
            return 1;
        });
        Assert.That(stopped.Sum(), Is.EqualTo(2));
    }

    [Test]
    public void OptionsBaseModelsAndRowsThatDifferAreNamed()
    {
        Assert.That(() => ThreadGroup.Run(3, group =>
        {
            GroupAgreement.RequireSame(group, new Dictionary<string, string> { ["Steps"] = "4", ["Seed"] = group.Rank == 2 ? "7" : "1" }, "one");
            return 0;
        }), Throws.InvalidOperationException.With.Message.Contains("Rank 2").And.Message.Contains("Seed is 7, not 1").And.Message.Not.Contains("Steps"));
        Assert.That(() => ThreadGroup.Run(2, group =>
        {
            GroupAgreement.RequireSame(group, new Dictionary<string, string>(), group.Rank == 0 ? "abc" : "def");
            return 0;
        }), Throws.InvalidOperationException.With.Message.Contains("base model is of checksum def, not of checksum abc"));
        Assert.That(() => ThreadGroup.Run(2, group =>
        {
            GroupAgreement.RequireSame(group, 5, TinyModel.Examples(2 + group.Rank)[^2..]);
            return 0;
        }), Throws.InvalidOperationException.With.Message.Contains("Rank 1 has read other rows than rank 0 for step 5"));
    }

    // Most answers earn nothing, so that many queries have nothing to teach.
    private static RewardFunction Picky() => new(metrics => metrics.MaskIoU > 0.8 ? (float)metrics.MaskIoU : 0);

    private static (GrpoStepMetrics[] Curve, float[] Weights) Train(GrpoOptions options, int queries, IProcessGroup group, int steps = Steps, ICandidateReward? reward = null)
    {
        using DrSegModel model = TinyModel.Trained();
        using var loop = new GrpoLoop(model, options, reward ?? new DistributionRankedReward(new() { Mode = RankedRewardMode.ReferenceWindow }), group);
        int next = 0;
        SegmentationExample[] Take(int count) => [.. Enumerable.Range(0, count).Select(_ => TinyModel.Example(next++))];
        GrpoStepMetrics[] curve = [.. Enumerable.Range(0, steps).Select(_ => loop.Step(Take(queries), Take))];
        return (curve, TinyModel.PolicyWeights(model));
    }

    private static void Same(GrpoStepMetrics found, GrpoStepMetrics expected, int size)
    {
        // From the second step on the weights are others by rounding, which AdamW's first steps make large where a gradient is nearly 0.
        (double absolute, double relative) = found.Step == 1 ? (1e-5, 1e-4) : (5e-3, 2e-2);
        IReadOnlyDictionary<string, double> figures = expected.ToDictionary();
        Assert.That(found.Failures, Is.EqualTo(expected.Failures));
        Assert.That(found.FailureExamples, Is.EqualTo(expected.FailureExamples));
        foreach ((string name, double value) in found.ToDictionary().Where(figure => !figure.Key.StartsWith("seconds", StringComparison.Ordinal) && figure.Key != "tokens per second"))
            Assert.That(value, Is.EqualTo(figures[name]).Within(absolute + relative * Math.Abs(figures[name])), $"{name} of step {found.Step} on {size} processes");
    }
}
