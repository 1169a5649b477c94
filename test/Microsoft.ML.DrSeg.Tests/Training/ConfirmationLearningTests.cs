using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Training;

public class ConfirmationLearningTests
{
    private static GrpoOptions Options(double learningRate) => new()
    {
        Steps = 30,
        Sampling = new() { LookToConfirm = new LookToConfirmOptions { FirstLookAnswers = 4, CloserViews = 1, AnswersPerCloserView = 2, Threshold = float.PositiveInfinity } },
        Objective = new() { DivergenceWeight = 0 },
        Optimizer = new() { ConfirmationLearningRate = learningRate },
    };

    private static float[] Head(DrSegModel model) => [.. model.Confirmation.Parameters().SelectMany(parameter => parameter.data<float>().ToArray())];

    [Test]
    public void AHeadThatKnowsNothingLearnsToJudgeThePolicysMasks()
    {
        // The policy has learned to answer; the head has not seen a mask yet.
        using DrSegModel taught = TinyModel.Trained(), fresh = TinyModel.Fresh();
        using var model = new DrSegModel(taught.Policy, taught.Segmenter, fresh.Confirmation);
        using var loop = new GrpoLoop(model, Options(learningRate: 3e-3));
        double[] losses = [.. Enumerable.Range(0, 30).Select(_ => loop.Step(TinyModel.Examples(8)).ConfirmationLoss!.Value)];
        // A cross-entropy against values between 0 and 1 has a floor far above 0.
        Assert.That(losses[^5..].Average(), Is.LessThan(losses[..5].Average() - 0.05));
        Assert.That(loop.Step(TinyModel.Examples(8)).ToDictionary(), Contains.Key("confirmation loss"));
    }

    [Test]
    public void WithoutALearningRateTheHeadStaysAsItIs()
    {
        using DrSegModel model = TinyModel.Trained();
        float[] before = Head(model);
        using var loop = new GrpoLoop(model, Options(learningRate: 0));
        GrpoStepMetrics metrics = loop.Step(TinyModel.Examples(4));
        Assert.That(metrics.ConfirmationLoss, Is.Null);
        Assert.That(metrics.ToDictionary().Keys, Has.No.Member("confirmation loss"));
        Assert.That(Head(model), Is.EqualTo(before));
    }

    [Test]
    public void AHeadWithoutParametersCannotLearn()
    {
        using DrSegModel taught = TinyModel.Trained();
        using var model = new DrSegModel(taught.Policy, taught.Segmenter, new Indifferent());
        Assert.That(() => new GrpoLoop(model, Options(learningRate: 1e-3)),
            Throws.TypeOf<NotSupportedException>().With.Message.Contains("ConfirmationLearningRate is 0.001, but Indifferent has no parameters"));
    }

    private sealed class Indifferent : IMaskConfirmation
    {
        public int MapSide => 1;

        public Confirmation[] Confirm(IReadOnlyList<ConfirmationPrompt> prompts) =>
            [.. prompts.Select(prompt => new Confirmation(0.5f, new ConfidenceMap(1, [0.5f], ImageView.Whole(prompt.Image).Region)))];

        public void Dispose()
        {
        }
    }
}
