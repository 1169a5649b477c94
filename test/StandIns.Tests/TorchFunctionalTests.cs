using NUnit.Framework;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace StandIns.Tests;

/// <summary>Functions against their definitions, written out in plain loops.</summary>
[TestFixture]
public class TorchFunctionalTests
{
    private DisposeScope? _scope;

    [SetUp]
    public void OpenScope()
    {
        _scope = NewDisposeScope();
        manual_seed(5);
    }

    [TearDown]
    public void CloseScope() => _scope?.Dispose();

    private static double[] Doubles(Tensor tensor) => tensor.to_type(ScalarType.Float64).data<double>().ToArray();

    [Test]
    public void Convolution_sums_products_under_the_kernel()
    {
        Tensor image = randn(1, 2, 5, 6), kernel = randn(3, 2, 3, 2), bias = randn(3);
        var result = F.conv2d(image, kernel, bias, [2, 1], [1, 0]);
        Assert.That(result.shape, Is.EqualTo(new long[] { 1, 3, 3, 5 }));
        var (x, k, b, y) = (image.data<float>(), kernel.data<float>(), bias.data<float>(), result.data<float>());
        for (var o = 0; o < 3; o++)
            for (var i = 0; i < 3; i++)
                for (var j = 0; j < 5; j++)
                {
                    double sum = b[o];
                    for (var c = 0; c < 2; c++)
                        for (var u = 0; u < 3; u++)
                            for (var v = 0; v < 2; v++)
                                if (2 * i + u - 1 is >= 0 and < 5) sum += x[0, c, 2 * i + u - 1, j + v] * k[o, c, u, v];
                    Assert.That(y[0, o, i, j], Is.EqualTo(sum).Within(1e-5));
                }
    }

    [TestCase(false, false)]
    [TestCase(true, false)]
    [TestCase(false, true)]
    public void Attention_averages_values_by_the_softmax_of_scores(bool causal, bool masked)
    {
        Tensor query = randn(4, 3), key = randn(4, 3), value = randn(4, 2);
        var mask = masked ? tensor(new[] { true, false, true, true }) : null;
        var result = F.scaled_dot_product_attention(query, key, value, mask, 0, causal).data<float>();
        var (q, k, v) = (query.data<float>(), key.data<float>(), value.data<float>());
        for (var i = 0; i < 4; i++)
        {
            var weights = new double[4];
            for (var j = 0; j < 4; j++)
                if ((!causal || j <= i) && (!masked || j != 1))
                    weights[j] = Math.Exp(Enumerable.Range(0, 3).Sum(d => (double)q[i, d] * k[j, d]) / Math.Sqrt(3));
            for (var d = 0; d < 2; d++)
                Assert.That(result[i, d], Is.EqualTo(Enumerable.Range(0, 4).Sum(j => weights[j] * v[j, d]) / weights.Sum()).Within(1e-5));
        }
    }

    [Test]
    public void An_added_attention_mask_shifts_the_scores()
    {
        Tensor query = randn(2, 3), key = randn(4, 3), value = randn(4, 2);
        var hidden = tensor(new[] { 0, float.NegativeInfinity, 0, 0 });
        var seen = tensor(new[] { true, false, true, true });
        Assert.That(F.scaled_dot_product_attention(query, key, value, hidden).allclose(F.scaled_dot_product_attention(query, key, value, seen)));
        Assert.That(() => F.scaled_dot_product_attention(query, key, value, seen, 0, true), Throws.ArgumentException);
    }

    [Test]
    public void Bilinear_interpolation_takes_pixels_as_areas()
    {
        // Centres of the 4 new pixels lie at -0.25, 0.25, 0.75, 1.25 of the old ones; the ends repeat.
        var row = tensor(new float[] { 10, 20 }, [1, 1, 1, 2]);
        Assert.That(Doubles(F.interpolate(row, [1, 4], null, InterpolationMode.Bilinear, false)), Is.EqualTo(new[] { 10, 12.5, 17.5, 20 }).Within(1e-5));
        Assert.That(Doubles(F.interpolate(row, [1, 3], null, InterpolationMode.Bilinear, true)), Is.EqualTo(new double[] { 10, 15, 20 }).Within(1e-5));
        Assert.That(Doubles(F.interpolate(row, [1, 4])), Is.EqualTo(new double[] { 10, 10, 20, 20 }));
        Assert.That(Doubles(F.interpolate(row, null, [1, 2], InterpolationMode.Nearest, null, true)), Is.EqualTo(new double[] { 10, 10, 20, 20 }));
        Assert.That(() => F.interpolate(row, [1, 4], null, InterpolationMode.Area), Throws.InstanceOf<NotSupportedException>());
    }

    [Test]
    public void Grid_sampling_reads_between_pixels_and_zero_outside()
    {
        var image = tensor(new float[] { 1, 2, 3, 4 }, [1, 1, 2, 2]);
        var grid = tensor(new float[] { 0, 0, -1, -1, 1, -1, 5, 5 }, [1, 1, 4, 2]);
        Assert.That(Doubles(F.grid_sample(image, grid, align_corners: true)), Is.EqualTo(new[] { 2.5, 1, 2, 0 }).Within(1e-6));
        Assert.That(Doubles(F.grid_sample(image, grid, GridSampleMode.Nearest, GridSamplePaddingMode.Border, true))[3], Is.EqualTo(4));
    }

    [Test]
    public void Padding_fills_mirrors_and_repeats()
    {
        var row = tensor(new float[] { 1, 2, 3 }, [1, 1, 3]);
        Assert.That(Doubles(F.pad(row, [1, 1], PaddingModes.Constant, 9)), Is.EqualTo(new double[] { 9, 1, 2, 3, 9 }));
        Assert.That(Doubles(F.pad(row, [2, 1], PaddingModes.Reflect)), Is.EqualTo(new double[] { 3, 2, 1, 2, 3, 2 }));
        Assert.That(Doubles(F.pad(row, [1, 1], PaddingModes.Replicate)), Is.EqualTo(new double[] { 1, 1, 2, 3, 3 }));
        Assert.That(Doubles(F.pad(row, [1, 1], PaddingModes.Circular)), Is.EqualTo(new double[] { 3, 1, 2, 3, 1 }));
    }

    [Test]
    public void Normalisation_gives_zero_mean_and_unit_variance()
    {
        var x = randn(4, 6, 5) * 3 + 2;
        foreach (var normal in new[] { F.layer_norm(x, [5]).view(24, 5), F.group_norm(x, 2).view(8, 15), F.batch_norm(x, zeros(6), ones(6), null, null, true).transpose(0, 1).reshape(6, 20) })
        {
            Assert.That(Doubles(normal.mean([1])), Is.All.EqualTo(0).Within(1e-5));
            Assert.That(Doubles(normal.var(1, false)), Is.All.EqualTo(1).Within(1e-3));
        }
    }

    [Test]
    public void Losses_are_their_formulas()
    {
        var logits = tensor(new float[,] { { 1, 2, 0.5f }, { -1, 0, 3 } });
        var expected = new[] { Math.Log(Math.Exp(1) + Math.Exp(2) + Math.Exp(0.5)) - 2, Math.Log(Math.Exp(-1) + 1 + Math.Exp(3)) + 1 };
        Assert.That(Doubles(F.cross_entropy(logits, tensor(new long[] { 1, 0 }), reduction: nn.Reduction.None)), Is.EqualTo(expected).Within(1e-5));
        Assert.That(Doubles(F.binary_cross_entropy_with_logits(tensor(new[] { 0.3f }), tensor(new[] { 1f })))[0], Is.EqualTo(Math.Log(1 + Math.Exp(-0.3))).Within(1e-6));
        Assert.That(Doubles(F.binary_cross_entropy(tensor(new[] { 0.25f }), tensor(new[] { 0f })))[0], Is.EqualTo(-Math.Log(0.75)).Within(1e-6));
        Tensor a = tensor(new[] { 0f, 3 }), b = tensor(new[] { 0.5f, 1 });
        Assert.That(Doubles(F.mse_loss(a, b))[0], Is.EqualTo(2.125));
        Assert.That(Doubles(F.l1_loss(a, b))[0], Is.EqualTo(1.25));
        Assert.That(Doubles(F.smooth_l1_loss(a, b, nn.Reduction.Sum))[0], Is.EqualTo(0.125 + 1.5));
        Assert.That(Doubles(F.huber_loss(a, b, 2, nn.Reduction.Sum))[0], Is.EqualTo(0.125 + 2));
    }

    [Test]
    public void Dropout_zeros_a_share_and_scales_the_rest()
    {
        var dropped = F.dropout(ones(20_000), 0.25, true);
        Assert.That(dropped.ne(0).mean([0], false, ScalarType.Float32).item<float>(), Is.EqualTo(0.75).Within(0.02));
        Assert.That(dropped.max().item<float>(), Is.EqualTo(4f / 3).Within(1e-6));
        var inPlace = ones(100);
        F.dropout(inPlace, 1, true, true);
        Assert.That(inPlace.sum().item<float>(), Is.Zero);
    }

    [Test]
    public void In_place_activations_change_their_argument()
    {
        foreach (var activation in new Func<Tensor, bool, Tensor>[] { (x, i) => F.relu(x, i), (x, i) => F.relu6(x, i), (x, i) => F.leaky_relu(x, 0.1, i), (x, i) => F.elu(x, 1, i), F.silu, F.tanh })
        {
            var x = randn(10) * 5;
            var expected = activation(x, false);
            activation(x, true);
            Assert.That(x.allclose(expected));
        }
    }

    [Test]
    public void Classes_become_unit_vectors()
    {
        Assert.That(F.one_hot(tensor(new long[] { 2, 0 }), 3).data<long>().ToArray(), Is.EqualTo(new long[] { 0, 0, 1, 1, 0, 0 }));
        Assert.That(F.one_hot(tensor(new long[] { 2, 0 })).shape, Is.EqualTo(new long[] { 2, 3 }));
    }

    [Test]
    public void Pooling_strides_by_its_kernel_where_the_official_package_does()
    {
        var x = arange(16, ScalarType.Float32).view(1, 1, 4, 4);
        Assert.That(Doubles(F.max_pool2d(x, 2)), Is.EqualTo(new double[] { 5, 7, 13, 15 }));
        Assert.That(Doubles(F.max_pool2d(x, [2, 2])), Is.EqualTo(new double[] { 5, 7, 13, 15 }));
        Assert.That(Doubles(F.avg_pool2d(x, 2)), Is.EqualTo(new[] { 2.5, 4.5, 10.5, 12.5 }));
        Assert.That(F.avg_pool2d(x, [2, 2]).shape, Is.EqualTo(new long[] { 1, 1, 3, 3 }));
        Assert.That(Doubles(F.adaptive_avg_pool2d(x, 1)), Is.EqualTo(new[] { 7.5 }));
    }
}
