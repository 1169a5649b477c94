using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Tests.Models;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tests.Training;

/// <summary>Policies whose scores do not hang on their parameters, and what all policies are asked to score.</summary>
public class OwnScoresTests
{
    private const int Steps = 4;

    // Every step's figures, and the weights at the end.
    private static (double[][] Figures, float[] Weights) Train(IVisionLanguagePolicy policy, GrpoOptions options)
    {
        using var model = new DrSegModel(policy, new ThresholdSegmenter(), TinyModel.Trained().Confirmation);
        using var loop = new GrpoLoop(model, options);
        double[][] figures = [.. Enumerable.Range(0, Steps).Select(_ =>
        {
            GrpoStepMetrics metrics = loop.Step(TinyModel.Examples(3));
            return new[] { metrics.Reward, metrics.Loss, metrics.Divergence, metrics.ClippedShare, metrics.Entropy, metrics.GradientNorm };
        })];
        return (figures, TinyModel.PolicyWeights(model));
    }

    private static GrpoOptions Options(double entropyWeight = 0) => new()
    {
        Steps = Steps,
        Sampling = new() { GroupSize = 4 },
        Objective = new() { DivergenceWeight = 0.1, EntropyWeight = entropyWeight, ReferenceSyncEveryNSteps = 2 },
        Optimizer = new() { UpdatesPerStep = 2, LearningRate = 0.1 },
    };

    [Test]
    public void ABackwardPassOfItsOwnTrainsLikeAGraph([Values(0, 0.05)] double entropyWeight)
    {
        using TablePolicy fresh = new();
        float[] start = [.. fresh.Parameters().Single().detach().data<float>()];
        var leaves = new LeafPolicy(new TablePolicy());
        (double[][] Figures, float[] Weights) graph = Train(new TablePolicy(), Options(entropyWeight)), own = Train(leaves, Options(entropyWeight));
        Assert.Multiple(() =>
        {
            Assert.That(own.Weights, Is.EqualTo(graph.Weights));
            Assert.That(own.Figures, Is.EqualTo(graph.Figures));
            Assert.That(graph.Weights, Is.Not.EqualTo(start));
            Assert.That(graph.Figures.Select(step => step[2]), Has.Some.Positive, "the reference is another policy");
            Assert.That(leaves.BackwardPasses, Is.EqualTo(Steps * 2), "once an update");
            Assert.That(leaves.Held, Is.Zero, "all scores are disposed");
        });
    }

    [TestCase(LossAggregation.DrGrpo, 2.0)]
    [TestCase(LossAggregation.Dapo, 1.0)]
    public void DrGrpoDividesByTheLongestAnswerOfThePolicy(LossAggregation aggregation, double ratio)
    {
        GrpoOptions options = Options();
        options = options with
        {
            Objective = options.Objective with { LossAggregation = aggregation },
            Optimizer = options.Optimizer with { UpdatesPerStep = 1 },
        };
        double FirstNorm(int longest) => Train(new LeafPolicy(new TablePolicy()) { LongestAnswer = longest }, options).Figures[0][^1];
        Assert.That(FirstNorm(15), Is.GreaterThan(0).And.EqualTo(ratio * FirstNorm(30)).Within(1e-6).Percent);
    }

    [Test]
    public void EntropyIsAskedForWhereItIsShownOrInTheLoss()
    {
        var policy = new LeafPolicy(new TablePolicy());
        Train(policy, Options());
        ScoreOptions[] step = [new() { Reference = true }, new() { Gradient = true, Entropy = EntropyUse.Figure }, new() { Gradient = true }];
        Assert.That(policy.Asked, Is.EqualTo(Enumerable.Repeat(step, Steps).SelectMany(asked => asked)));

        policy = new LeafPolicy(new TablePolicy());
        Train(policy, Options(entropyWeight: 0.05));
        step = [new() { Reference = true }, new() { Gradient = true, Entropy = EntropyUse.Loss }, new() { Gradient = true, Entropy = EntropyUse.Loss }];
        Assert.That(policy.Asked, Is.EqualTo(Enumerable.Repeat(step, Steps).SelectMany(asked => asked)));
    }

    [Test]
    public void TheReferenceStaysWhileThePolicyLearns()
    {
        using DrSegModel model = TinyModel.Trained();
        SegmentationExample[] examples = TinyModel.Examples(3);
        using PromptBatch prompts = model.Policy.Prepare([.. examples.Select(e => new PolicyPrompt(ImageView.Whole(e.Image), e.Query, e.Id))]);
        using Tensor tokens = zeros([3, 2, 5], int64), mask = ones(3, 2, 5);
        float[] Score(bool reference)
        {
            using ScoredTokens scored = model.Policy.Score(prompts, tokens, mask, new ScoreOptions { Reference = reference, Gradient = true });
            Assert.That(scored.LogProbabilities.requires_grad, Is.EqualTo(!reference));
            return scored.LogProbabilities.detach().data<float>().ToArray();
        }
        void Learn()
        {
            using var loop = new GrpoLoop(model, new() { Steps = 2, Sampling = new() { GroupSize = 4 }, Objective = new() { DivergenceWeight = 0 }, Optimizer = new() { LearningRate = 1e-2 } });
            loop.Step(examples);
        }

        Assert.That(() => Score(reference: true), Throws.InvalidOperationException.With.Message.Contains("FreezeReference"));
        // What is frozen inside a scope outlives it.
        using (NewDisposeScope()) model.Policy.FreezeReference();
        float[] first = Score(reference: false);
        Assert.That(Score(reference: true), Is.EqualTo(first));
        Learn();
        float[] second = Score(reference: false);
        Assert.That(second, Is.Not.EqualTo(first));
        Assert.That(Score(reference: true), Is.EqualTo(first));
        model.Policy.FreezeReference();
        Assert.That(Score(reference: true), Is.EqualTo(second));
        Learn();
        Assert.That(Score(reference: true), Is.EqualTo(second));
        Assert.That(Score(reference: false), Is.Not.EqualTo(second));
    }
}
