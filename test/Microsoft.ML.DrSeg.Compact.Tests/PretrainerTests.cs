using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;
using TorchSharp.Modules;

namespace Microsoft.ML.DrSeg.Compact.Tests;

public class PretrainerTests
{
    [Test]
    public void APartOfNoStepsStaysAsItIs()
    {
        using DrSegModel model = TinyModel.Trained();
        float[] policy = TinyModel.PolicyWeights(model), segmenter = Weights(model.CompactSegmenter.Parameters()), head = Weights(model.CompactConfirmation.Parameters());
        Pretrainer.Continue(model, index => TinyModel.Example(10_000 + index), new PretrainingOptions
        {
            BatchSize = 8, SegmenterSteps = 0, PolicySteps = 0, ConfirmationSteps = 1, ThresholdExamples = 8,
        });
        Assert.That(TinyModel.PolicyWeights(model), Is.EqualTo(policy));
        Assert.That(Weights(model.CompactSegmenter.Parameters()), Is.EqualTo(segmenter));
        Assert.That(Weights(model.CompactConfirmation.Parameters()), Is.Not.EqualTo(head));
    }

    [Test]
    public void TrainingFurtherGoesOnFromWhatWasLearned()
    {
        using DrSegModel model = TinyModel.Trained();
        double before = HeadError(model);
        Pretrainer.Continue(model, index => TinyModel.Example(10_000 + index), new PretrainingOptions
        {
            BatchSize = 16, LearningRate = 1e-3, SegmenterSteps = 0, PolicySteps = 0, ConfirmationSteps = 60, ThresholdExamples = 8,
        });
        Assert.That(HeadError(model), Is.LessThan(before));
    }

    // Mean distance of confidence and IoU, over examples that the head has not been taught on.
    private static double HeadError(DrSegModel model)
    {
        var queries = TinyModel.Examples(128).Select(example => TinyModel.QueryOf(model, example)).ToArray();
        using var session = new LookToConfirmLoop(model).Run(queries, new(), seed: 3);
        return session.Results.SelectMany((result, i) => result.Hypotheses
            .Where(hypothesis => hypothesis.Mask is not null)
            .Select(hypothesis => Math.Abs(hypothesis.Confidence - hypothesis.Mask!.IntersectionOverUnion(TinyModel.Example(i).Mask)))).Average();
    }

    private static float[] Weights(IEnumerable<Parameter> parameters) =>
        [.. parameters.SelectMany(parameter => parameter.detach().data<float>().ToArray())];
}
