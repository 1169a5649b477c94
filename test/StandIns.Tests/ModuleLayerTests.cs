using NUnit.Framework;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using F = TorchSharp.torch.nn.functional;

namespace StandIns.Tests;

/// <summary>Single layers against values worked out by hand, and their initial weights.</summary>
[TestFixture]
public class ModuleLayerTests
{
    private DisposeScope _scope = null!;

    [SetUp]
    public void OpenScope() => _scope = NewDisposeScope();

    [TearDown]
    public void CloseScope() => _scope.Dispose();

    private static float[] Values(Tensor tensor) => tensor.detach().flatten().data<float>().ToArray();

    [Test]
    public void SeedDecidesTheWeightsOnEveryType()
    {
        manual_seed(3);
        var first = Conv2d(3, 8, 5);
        manual_seed(3);
        var second = Conv2d(3, 8, 5, dtype: ScalarType.Float64);

        Assert.That(Values(second.weight.to_type(ScalarType.Float32)), Is.EqualTo(Values(first.weight)));
    }

    [Test]
    public void InitialWeightsFillTheirRange()
    {
        manual_seed(1);
        // fan-in: inputs times kernel; a transposed convolution counts its second dimension
        (Parameter weight, Parameter bias, double fanIn)[] layers =
        [
            (Linear(400, 500).weight, Linear(400, 500).bias, 400),
            (Conv1d(16, 64, 25).weight, Conv1d(16, 640, 25).bias, 400),
            (Conv2d(16, 64, (5, 5)).weight, Conv2d(16, 640, (5, 5)).bias, 400),
            (ConvTranspose2d(64, 16, 5).weight, ConvTranspose2d(1, 640, 5).bias, double.NaN),
        ];
        foreach (var (weight, bias, fanIn) in layers)
        {
            var bound = 1 / Math.Sqrt(double.IsNaN(fanIn) ? 400 : fanIn);
            Assert.That(weight.abs().max().item<float>(), Is.InRange(0.99 * bound, bound));
            Assert.That(weight.mean().item<float>(), Is.Zero.Within(0.05 * bound));
            bound = 1 / Math.Sqrt(double.IsNaN(fanIn) ? 640 * 25 : fanIn);
            Assert.That(bias.abs().max().item<float>(), Is.InRange(0.9 * bound, bound));
        }
        var embedding = Embedding(500, 40).weight;
        Assert.That(embedding.mean().item<float>(), Is.Zero.Within(0.03));
        Assert.That(embedding.std().item<float>(), Is.EqualTo(1).Within(0.03));
    }

    [Test]
    public void InitFormulasGiveTheirDeviations()
    {
        manual_seed(1);
        var weight = zeros(200, 300);

        void HasDeviation(Tensor filled, double expected) => Assert.That(filled.std().item<float>(), Is.EqualTo(expected).Within(2).Percent);
        HasDeviation(init.xavier_uniform_(weight, 3), 3 * Math.Sqrt(2 / 500.0));
        HasDeviation(init.xavier_normal_(weight), Math.Sqrt(2 / 500.0));
        HasDeviation(init.kaiming_uniform_(weight, nonlinearity: init.NonlinearityType.ReLU), Math.Sqrt(2 / 300.0));
        HasDeviation(init.kaiming_normal_(weight, 0, init.FanInOut.FanOut, init.NonlinearityType.Linear), Math.Sqrt(1 / 200.0));
        HasDeviation(init.uniform_(weight, -1, 1), Math.Sqrt(1 / 3.0));
        HasDeviation(init.normal_(weight, 5, 0.5), 0.5);
        Assert.That(Values(init.ones_(weight)), Has.All.EqualTo(1));
        Assert.That(Values(init.zeros_(weight)), Has.All.Zero);
        Assert.That(init.calculate_gain(init.NonlinearityType.Tanh), Is.EqualTo(5.0 / 3));
        Assert.That(() => init.xavier_uniform_(zeros(3)), Throws.ArgumentException);
    }

    [Test]
    public void ParameterTakesOverItsTensor()
    {
        var frozen = new Parameter(ones(2), requires_grad: false);

        Assert.That(frozen.requires_grad, Is.False);
        Assert.That(new Parameter(ones(2)).requires_grad, Is.True);
    }

    [Test]
    public void LinearMultipliesAndAdds()
    {
        var layer = Linear(2, 2);
        layer.weight = new Parameter(tensor(new float[,] { { 1, 2 }, { 3, 4 } }));
        layer.bias = new Parameter(tensor(new float[] { 10, 20 }));

        Assert.That(Values(layer.call(tensor(new float[] { 1, -1 }))), Is.EqualTo(new float[] { 9, 19 }));
        layer.bias = null;
        Assert.That(Values(layer.call(tensor(new float[] { 1, -1 }))), Is.EqualTo(new float[] { -1, -1 }));
        Assert.That(layer.parameters().Count(), Is.EqualTo(1));
    }

    [Test]
    public void ConvolutionSlidesAndPads()
    {
        var conv1d = Conv1d(1, 1, 2, stride: 2, bias: false);
        init.ones_(conv1d.weight);
        Assert.That(Values(conv1d.call(tensor(new float[] { 1, 2, 3, 4 }).reshape(1, 1, 4))), Is.EqualTo(new float[] { 3, 7 }));

        // A 1x3 box over 1 2 3 mirrored to 2 1 2 3 2; rows are not padded.
        var conv2d = Conv2d(1, 1, (1, 3), padding: (0, 1), padding_mode: PaddingModes.Reflect, bias: false);
        init.ones_(conv2d.weight);
        Assert.That(Values(conv2d.call(tensor(new float[] { 1, 2, 3 }).reshape(1, 1, 1, 3))), Is.EqualTo(new float[] { 5, 6, 7 }));

        var transposed = ConvTranspose2d(1, 1, 2, stride: 2, bias: false);
        init.ones_(transposed.weight);
        Assert.That(Values(transposed.call(tensor(new float[] { 1, 2 }).reshape(1, 1, 1, 2))), Is.EqualTo(new float[] { 1, 1, 2, 2, 1, 1, 2, 2 }));
        Assert.That(() => ConvTranspose2d(1, 1, 2, padding_mode: PaddingModes.Reflect), Throws.ArgumentException.With.Message.Contains("Reflect"));
    }

    [Test]
    public void NormalisationCentresAndScales()
    {
        var row = tensor(new float[] { 1, 3, 5, 7 });
        var unit = row.sub(4).div((float)Math.Sqrt(5)); // mean 4, variance 5

        var layer = LayerNorm(4, 0);
        init.constant_(layer.bias, 1);
        Assert.That(Values(layer.call(row)), Is.EqualTo(Values(unit.add(1))).Within(1e-6));
        Assert.That(LayerNorm([4], 0, elementwise_affine: false).parameters(), Is.Empty);
        Assert.That(LayerNorm(4, bias: false).bias is null, Is.True);

        var group = GroupNorm(1, 2, 0);
        init.constant_(group.weight, 2);
        Assert.That(Values(group.call(row.reshape(1, 2, 2))), Is.EqualTo(Values(unit * 2)).Within(1e-6));
        Assert.That(GroupNorm(1, 2, affine: false).weight is null && GroupNorm(1, 2, affine: false).bias is null, Is.True);
    }

    [Test]
    public void BatchNormTracksAndThenUsesItsStatistics()
    {
        var layer = BatchNorm2d(1, eps: 0, momentum: 0.5);
        var batch = tensor(new float[] { 1, 3, 5, 7 }).reshape(2, 1, 2, 1);
        Assert.That(layer.call(batch).mean().item<float>(), Is.Zero.Within(1e-6));

        // halfway from (0, 1) to mean 4 and unbiased variance 20/3
        Assert.That(layer.running_mean.item<float>(), Is.EqualTo(2));
        Assert.That(layer.running_var.item<float>(), Is.EqualTo(0.5 + 10 / 3.0).Within(1e-6));
        Assert.That(layer.num_batches_tracked.item<long>(), Is.EqualTo(1));

        layer.eval();
        layer.running_var = full([1], 4f);
        layer.running_mean = full([1], 1f);
        Assert.That(Values(layer.call(batch)), Is.EqualTo(new float[] { 0, 1, 2, 3 }));
        Assert.That(() => layer.call(ones(1, 1)), Throws.ArgumentException);
        Assert.That(BatchNorm2d(1, affine: false, track_running_stats: false).state_dict(), Is.Empty);
    }

    [Test]
    public void EmbeddingLooksRowsUp()
    {
        var layer = Embedding(4, 2, padding_idx: -1);
        var result = layer.call(tensor(new long[] { 3, 1, 1 }));
        result.sum().backward();

        Assert.That(Values(result)[..2], Has.All.Zero);
        Assert.That(Values(result)[2..4], Is.EqualTo(Values(layer.weight)[2..4]));
        Assert.That(Values(layer.weight.grad), Is.EqualTo(new float[] { 0, 0, 2, 2, 0, 0, 0, 0 }));

        var cut = Embedding(2, 2, max_norm: 1);
        init.constant_(cut.weight, 3);
        Assert.That(cut.call(tensor(new long[] { 0 })).norm().item<float>(), Is.EqualTo(1).Within(1e-5));
        Assert.That(Values(cut.weight)[2..], Has.All.EqualTo(3));

        var scaled = Embedding(2, 1, scale_grad_by_freq: true);
        scaled.call(tensor(new long[] { 0, 0, 1 })).sum().backward();
        Assert.That(Values(scaled.weight.grad), Is.EqualTo(new float[] { 1, 1 }));
    }

    [Test]
    public void DropoutActsInTrainingOnly()
    {
        manual_seed(5);
        var layer = Dropout(0.25);
        var dropped = Values(layer.call(ones(10000)));
        Assert.That(dropped.Distinct().Order(), Is.EqualTo(new[] { 0, 1 / 0.75f }));
        Assert.That(dropped.Average(), Is.EqualTo(1).Within(0.02));
        layer.eval();
        Assert.That(Values(layer.call(ones(10))), Has.All.EqualTo(1));
    }

    [Test]
    public void ActivationsAreTheirFunctions()
    {
        float[] x = [-2, -0.5f, 0, 0.5f, 2];
        void Is_(Module<Tensor, Tensor> module, Func<double, double> function) =>
            Assert.That(Values(module.call(tensor(x))), Is.EqualTo(x.Select(v => function(v))).Within(1e-6), module.GetName());

        Is_(ReLU(), v => Math.Max(v, 0));
        Is_(SiLU(), v => v / (1 + Math.Exp(-v)));
        Is_(Sigmoid(), v => 1 / (1 + Math.Exp(-v)));
        Is_(Tanh(), Math.Tanh);
        // the normal distribution function at 0.5 and 2, from tables
        double Normal(double v) => v switch { 2 => 0.9772498680518208, 0.5 => 0.6914624612740131, 0 => 0.5, _ => 1 - Normal(-v) };
        Is_(GELU(), v => v * Normal(v));

        var inPlace = tensor(x);
        ReLU(inplace: true).call(inPlace);
        Assert.That(Values(inPlace), Has.All.GreaterThanOrEqualTo(0));
    }

    [Test]
    public void SequentialRunsInOrderAndLeavesItsInputAlone()
    {
        var input = arange(8, ScalarType.Float32).reshape(2, 2, 2);
        List<Module<Tensor, Tensor>> layers = [Flatten(), Linear(4, 3), Sigmoid()];
        var model = Sequential(layers);
        var expected = sigmoid(F.linear(input.flatten(1), ((Linear)layers[1]).weight, ((Linear)layers[1]).bias));

        Assert.That(Values(model.call(input)), Is.EqualTo(Values(expected)));
        Assert.That(input.IsInvalid, Is.False);
        Assert.That(model.call(input).requires_grad, Is.True);
    }

    [Test]
    public void LossesReduceAsAsked()
    {
        var logits = tensor(new float[,] { { 0, 0 }, { 0, 0 } });
        var log2 = (float)Math.Log(2);
        Assert.That(CrossEntropyLoss(reduction: Reduction.Sum).call(logits, tensor(new long[] { 0, 1 })).item<float>(), Is.EqualTo(2 * log2).Within(1e-6));
        Assert.That(CrossEntropyLoss(ignore_index: 1, reduction: Reduction.Sum).call(logits, tensor(new long[] { 0, 1 })).item<float>(), Is.EqualTo(log2).Within(1e-6));
        Assert.That(CrossEntropyLoss(tensor(new float[] { 3, 1 }), reduction: Reduction.Sum).call(logits, tensor(new long[] { 0, 1 })).item<float>(), Is.EqualTo(4 * log2).Within(1e-6));
        Assert.That(Values(MSELoss(Reduction.None).call(logits, ones(2, 2) * 2)), Has.All.EqualTo(4));
        Assert.That(MSELoss(Reduction.Sum).reduction, Is.EqualTo(Reduction.Sum));
        Assert.That(BCEWithLogitsLoss(pos_weights: full([2], 5f)).call(logits, ones(2, 2)).item<float>(), Is.EqualTo(5 * log2).Within(1e-6));
    }
}
