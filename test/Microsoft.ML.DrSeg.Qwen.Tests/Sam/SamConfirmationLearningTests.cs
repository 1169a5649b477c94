using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Tests;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>What a head learns over a SAM of random weights, judged by pictures that it has not seen.</summary>
public class SamConfirmationLearningTests
{
    private const int Steps = 240, Pictures = 200, HeldOut = 10_000;

    private readonly ColouredScenes _scenes = new();
    private Sam2Segmenter _segmenter = null!;
    private SamConfirmation _head = null!;

    [OneTimeSetUp]
    public void Learn()
    {
        _segmenter = Sam2Reference.Segmenter();
        _head = new SamConfirmation(new(Sam2Reference.Shape.FeatureWidth, ColouredScenes.QueryWidth, Width: 48, Heads: 2), _segmenter, ColouredScenes.Embed, seed: 1);
        using AdamW optimizer = optim.AdamW(_head.Parameters(), 3e-3);
        for (int step = 0; step < Steps; step++)
        {
            using var scope = NewDisposeScope();
            if (step == Steps * 2 / 3) optimizer.ParamGroups.Single().LearningRate = 1e-3;
            Judged[] batch = [.. Enumerable.Range(0, 64).Select(i => _scenes.Any((step * 8 + i / 8) % Pictures, step * 64 + i))];
            optimizer.zero_grad();
            Tensor loss = _head.Loss([.. batch.Select(one => one.Prompt)], [.. batch.Select(one => one.Truth)]);
            loss.backward();
            optimizer.step();
            if (step % 40 == 0 || step == Steps - 1) TestContext.Progress.WriteLine($"step {step}: loss {loss.item<float>():0.000}");
        }
    }

    [OneTimeTearDown]
    public void Dispose()
    {
        _head.Dispose();
        _segmenter.Dispose();
    }

    private double[] Confidences(IEnumerable<Judged> judged) => [.. _head.Confirm([.. judged.Select(one => one.Prompt)]).Select(found => (double)found.Confidence)];

    private Judged[] Near() => [.. Enumerable.Range(0, 320).Select(i => _scenes.Near(HeldOut + i / 4, i))];

    // Spearman's, with equal values at the mean of their ranks.
    private static double RankCorrelation(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        double[] a = Ranks(first), b = Ranks(second);
        double Product(double[] x, double[] y) => x.Zip(y, (one, other) => (one - x.Average()) * (other - y.Average())).Sum();
        return Product(a, b) / Math.Sqrt(Product(a, a) * Product(b, b));
    }

    private static double[] Ranks(IReadOnlyList<double> values) => [.. values.Select(value => values.Count(other => other < value) + values.Count(other => other == value) / 2.0)];

    [Test]
    public void ConfidenceOrdersMasksByTheirOverlap()
    {
        Judged[] judged = Near();
        double correlation = RankCorrelation(Confidences(judged), [.. judged.Select(one => one.IoU)]);
        TestContext.Out.WriteLine($"rank correlation {correlation:0.000}");
        Assert.That(correlation, Is.GreaterThan(.6));
    }

    [Test]
    public void WithMasksShuffledItOrdersNothing()
    {
        Judged[] judged = Near();
        SegmentationMask[] masks = [.. judged.Select(one => one.Prompt.Mask)];
        new Random(5).Shuffle(masks);
        double correlation = RankCorrelation(Confidences(judged.Zip(masks, (one, mask) => one with { Prompt = one.Prompt with { Mask = mask } })), [.. judged.Select(one => one.IoU)]);
        TestContext.Out.WriteLine($"rank correlation {correlation:0.000}");
        Assert.That(Math.Abs(correlation), Is.LessThan(.2));
    }

    [Test]
    public void AGoodMaskOfTheWrongThingIsTold()
    {
        // The same picture and the same mask, asked for by its colour and by the other one.
        long[] pictures = [.. Enumerable.Range(0, 150).Select(i => (long)(HeldOut + i)).Where(i => _scenes.Present(i).Length == 2)];
        Judged Of(long i, int asked) => _scenes.Of(i, _scenes.Present(i)[asked], _scenes.Coloured(i, _scenes.Present(i)[i % 2]));
        double[] right = Confidences(pictures.Select(i => Of(i, (int)(i % 2)))), wrong = Confidences(pictures.Select(i => Of(i, (int)(1 - i % 2))));
        double share = right.Zip(wrong).Average(pair => pair.First > pair.Second ? 1 : 0);
        TestContext.Out.WriteLine($"{share:0.000} of {pictures.Length}; confidence {right.Average():0.000} right, {wrong.Average():0.000} wrong");
        Assert.That(share, Is.GreaterThan(.9));
        Assert.That(right.Average() - wrong.Average(), Is.GreaterThan(.3));
    }

    [Test]
    public void ThatNothingIsThereIsJudgedToo()
    {
        Judged Nothing(long i, bool isThere) => _scenes.Of(i, Enumerable.Range(0, 3).First(noun => _scenes.Present(i).Contains(noun) == isThere), SegmentationMask.Empty(TinyModel.Side, TinyModel.Side));
        long[] pictures = [.. Enumerable.Range(0, 100).Select(i => (long)(HeldOut + i))];
        double[] right = Confidences(pictures.Select(i => Nothing(i, false))), wrong = Confidences(pictures.Select(i => Nothing(i, true)));
        double share = right.Zip(wrong).Average(pair => pair.First > pair.Second ? 1 : 0);
        TestContext.Out.WriteLine($"{share:0.000}; confidence {right.Average():0.000} right, {wrong.Average():0.000} wrong");
        Assert.That(share, Is.GreaterThan(.9));
    }

    [Test]
    public void TheMapSaysWhereMaskAndObjectAgree()
    {
        // Half of a mask is right: cells beyond the other half are where it is wrong.
        var agree = new List<double>();
        var found = new List<double>();
        foreach (Judged one in Near().Where(one => one.IoU is > .1 and < .7))
        {
            ConfidenceMap map = _head.Confirm([one.Prompt])[0].Map;
            int side = TinyModel.Side / map.Side;
            for (int cell = 0; cell < map.Values.Length; cell++)
            {
                int wrong = Enumerable.Range(0, side * side).Count(i => Differs(one, cell % map.Side * side + i % side, cell / map.Side * side + i / side));
                agree.Add(1 - (double)wrong / (side * side));
                found.Add(map.Values[cell]);
            }
        }
        double correct = found.Zip(agree).Where(pair => pair.Second > .9).Average(pair => pair.First), amiss = found.Zip(agree).Where(pair => pair.Second < .1).Average(pair => pair.First);
        TestContext.Out.WriteLine($"{correct:0.000} where they agree, {amiss:0.000} where not");
        Assert.That(correct - amiss, Is.GreaterThan(.3));

        static bool Differs(Judged one, int x, int y) => one.Prompt.Mask[x, y] != one.Truth[x, y];
    }

    [Test]
    public void ItLearnsWhileAPolicyDoes()
    {
        using DrSegModel compact = TinyModel.Trained();
        using var head = new SamConfirmation(_head.Shape, _segmenter, ColouredScenes.Embed, seed: 2);
        // The parts stay with their owners: this model is not disposed.
        var model = new DrSegModel(compact.Policy, _segmenter, head);
        float[] before = Sam2Reference.Values(head.Weights["query.weight"]);
        using var loop = new GrpoLoop(model, new GrpoOptions
        {
            Steps = 2,
            Sampling = new() { LookToConfirm = new LookToConfirmOptions { FirstLookAnswers = 2, CloserViews = 1, AnswersPerCloserView = 1, Threshold = float.PositiveInfinity } },
            Objective = new() { DivergenceWeight = 0 },
            Optimizer = new() { ConfirmationLearningRate = 1e-3 },
        });
        Assert.That(loop.Step(TinyModel.Examples(4)).ConfirmationLoss, Is.GreaterThan(0).And.LessThan(5));
        Assert.That(Sam2Reference.Values(head.Weights["query.weight"]), Is.Not.EqualTo(before));
    }
}
