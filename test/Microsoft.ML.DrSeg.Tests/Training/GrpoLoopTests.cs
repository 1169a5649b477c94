using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Tests.Models;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Training;

public class GrpoLoopTests
{
    private const int Steps = 30;

    private static double[] Rewards(GrpoSegmentationTrainer.Options options)
    {
        using DrSegModel model = TinyModel.Trained();
        using var loop = new GrpoLoop(model, options);
        SegmentationExample[] batch = TinyModel.Examples(8);
        return [.. Enumerable.Range(0, Steps).Select(_ => loop.Step(batch).Metrics["reward"])];
    }

    private static double Rise(double[] rewards) => rewards[^5..].Average() - rewards[..5].Average();

    private static GrpoSegmentationTrainer.Options Options => new() { Steps = Steps, GroupSize = 16, LearningRate = 2e-3, DivergenceWeight = 0 };

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
        GrpoSegmentationTrainer.Options options = Options;
        options.Reward = new Indifferent();
        using var loop = new GrpoLoop(model, options);
        TrainingProgress progress = loop.Step(TinyModel.Examples(8));
        Assert.That(progress.Metrics["groups without spread"], Is.EqualTo(1));
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
            GroupSize = 4,
            UpdatesPerStep = 2,
            Reward = mode is { } ranked ? new DistributionRankedReward(new() { Mode = ranked }) : null,
            LookToConfirm = looks ? new LookToConfirmOptions { FirstLookAnswers = 2, CloserViews = 1, AnswersPerCloserView = 2, Threshold = float.PositiveInfinity } : null,
        });
        loop.Step(TinyModel.Examples(4));
        TrainingProgress progress = loop.Step(TinyModel.Examples(4));
        Assert.That(progress.Step, Is.EqualTo(2));
        Assert.That(progress.Metrics.Values, Has.All.Not.NaN);
        Assert.That(progress.Metrics["second looks"] > 0, Is.EqualTo(looks));
        // The first update of a step is under the very policy that drew the answers.
        Assert.That(progress.Metrics["clipped"], Is.Zero);
        Assert.That(TinyModel.PolicyWeights(model), Is.Not.EqualTo(before));
    }

    private sealed class Indifferent : ICandidateReward
    {
        public void Score(ReadOnlySpan<CandidateMetrics> candidates, ReadOnlySpan<int> groupSizes, Span<float> rewards) => rewards.Fill(0.5f);

        public IReadOnlyDictionary<RewardComponent, double[]> SaveState() => new Dictionary<RewardComponent, double[]>();

        public void RestoreState(IReadOnlyDictionary<RewardComponent, double[]> state)
        {
        }
    }
}
