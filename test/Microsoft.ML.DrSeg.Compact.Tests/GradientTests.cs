using NUnit.Framework;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Compact.Tests;

/// <summary>
/// The gradient of every parameter and input of every network that is trained, in single precision against double, in the shapes
/// that training uses. An engine that computes one of them wrongly on some processor (libtorch 2.10 does, for convolutions whose
/// output channels are no multiple of 16) shows here.
/// </summary>
public class GradientTests
{
    // Rounding alone gives some 1e-5 where a sum cancels; a wrong kernel .2 and more.
    private const double Tolerance = 2e-3;

    /// <summary>How the gradients come in: as a tensor of its own, with another order in memory, or one number for all.</summary>
    public enum Incoming { Contiguous, Transposed, Expanded }

    private static readonly CompactModelShape Shipped = CompactModelShape.ForNouns(["blue", "green", "red"]);

    [Test]
    public void OfThePolicy([Values] Incoming incoming, [Values(2, 24)] int prompts)
    {
        CompactPolicyShape shape = Shipped.Policy;
        var grammar = new AnswerGrammar(shape.CoordinateBins);
        Compare(() => new PolicyNetwork(shape, grammar, CPU), [prompts, 4, shape.ViewSize, shape.ViewSize], incoming, (network, images) =>
        {
            Tensor queries = Whole(shape.QueryTokens, [prompts, QueryVocabulary.QueryLength]);
            Tensor tokens = Whole(grammar.Start, [prompts, 8, grammar.LongestAnswer]);
            IReadOnlyList<KeyValue> shared = network.ReadPrompt(images, queries, out Tensor things, out Tensor grounding);
            return [network.ReadAnswers(tokens, shared), things, grounding];
        });
    }

    [Test]
    public void OfTheSegmenter([Values] Incoming incoming, [Values(2, 64)] int prompts)
    {
        CompactSegmenterShape shape = Shipped.Segmenter;
        Compare(() => new SegmenterNetwork(shape.Width, CPU), [prompts, 5, shape.CropSize, shape.CropSize], incoming, (network, crop) => [network.call(crop)]);
    }

    [Test]
    public void OfTheConfirmingHead([Values] Incoming incoming, [Values(2, 32)] int candidates)
    {
        CompactConfirmationShape shape = Shipped.Confirmation;
        Compare(() => new ConfirmationNetwork(shape, CPU), [candidates, 4, shape.CropSize, shape.CropSize], incoming, (network, images) =>
        {
            (Tensor confidence, Tensor map) = network.Score(images, Whole(shape.QueryTokens, [candidates, QueryVocabulary.QueryLength]));
            return [confidence, map];
        });
    }

    // The compact networks are made for widths of the user's own too.
    [TestCase(32)]
    [TestCase(64)]
    [TestCase(160)]
    public void OfTowersOfOtherWidths(int width) =>
        Compare(() => new VisionTower(4, width, CPU), [8, 4, 32, 32], Incoming.Contiguous, (tower, picture) => [tower.call(picture)]);

    [Test]
    public void ABrokenGradientIsNoticed()
    {
        var sound = new Dictionary<string, double[]> { ["a"] = [1, 2, 3], ["b"] = [0, 0] };
        Assert.That(Worst(sound, sound).Error, Is.Zero);
        Assert.That(Worst(new() { ["a"] = [1, 2, 3.3], ["b"] = [0, 0] }, sound), Is.EqualTo(("a", 0.3 / Math.Sqrt(14))).Using<(string Name, double Error)>((x, y) => x.Name == y.Name && Math.Abs(x.Error - y.Error) < 1e-12));
        Assert.That(Worst(new() { ["a"] = [1, 2, double.NaN], ["b"] = [0, 0] }, sound).Error, Is.EqualTo(double.PositiveInfinity));
    }

    private static void Compare<T>(Func<T> create, long[] input, Incoming incoming, Func<T, Tensor, Tensor[]> run) where T : nn.Module
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using T network = create();
        Tensor values = rand(input);
        Dictionary<string, double[]> single = Gradients(network, values, incoming, run);
        network.to(ScalarType.Float64);
        Dictionary<string, double[]> exact = Gradients(network, values.to(ScalarType.Float64), incoming, run);
        (string name, double error) = Worst(single, exact);
        Assert.That(error, Is.LessThan(Tolerance), name);
    }

    private static Dictionary<string, double[]> Gradients<T>(T network, Tensor values, Incoming incoming, Func<T, Tensor, Tensor[]> run) where T : nn.Module
    {
        network.zero_grad();
        Tensor input = values.detach().requires_grad_(true);
        Tensor loss = zeros([], values.dtype);
        foreach (Tensor output in run(network, input))
            loss += Scalar(output, incoming);
        loss.backward();
        var gradients = new Dictionary<string, double[]> { ["input"] = Numbers(input.grad) };
        foreach ((string name, Parameter parameter) in network.named_parameters())
            gradients.Add(name, Numbers(parameter.grad));
        return gradients;
    }

    private static Tensor Scalar(Tensor output, Incoming incoming)
    {
        if (incoming == Incoming.Expanded)
            return output.square().mean() + output.sum();
        // The same numbers for both precisions: drawn in single and widened.
        Tensor seen = incoming == Incoming.Transposed && output.dim() > 1 ? output.transpose(-1, -2) : output;
        using var generator = new Generator(2);
        return (seen * randn(seen.shape, generator: generator).to(output.dtype)).sum();
    }

    private static Tensor Whole(long end, long[] shape)
    {
        using var generator = new Generator(3);
        return randint(0, end, shape, int64, generator: generator);
    }

    private static double[] Numbers(Tensor? gradient) => gradient is null ? [] : [.. gradient.detach().to(ScalarType.Float64).contiguous().data<double>()];

    // The largest error of a tensor relative to its own size; tensors whose true gradient is next to nothing are measured by the largest of all.
    private static (string Name, double Error) Worst(Dictionary<string, double[]> found, Dictionary<string, double[]> exact)
    {
        double floor = exact.Values.Max(Length) * 1e-6;
        double Error(string name) => Length([.. found[name].Zip(exact[name], (x, y) => x - y)]) / Math.Max(Length(exact[name]), floor);
        return exact.Keys
            .Select(name => (name, found[name].Length == exact[name].Length && double.IsFinite(Error(name)) ? Error(name) : double.PositiveInfinity))
            .MaxBy(pair => pair.Item2);
    }

    private static double Length(double[] vector) => Math.Sqrt(vector.Sum(x => x * x));
}
