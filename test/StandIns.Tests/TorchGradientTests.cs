using NUnit.Framework;
using static TorchSharp.torch;

namespace StandIns.Tests;

/// <summary>
/// The gradient of every differentiable operation in 32-bit floating point against the same in 64 bits, whose kernels
/// are others: for inputs and incoming gradients that lie contiguously in memory and for permuted ones.
/// </summary>
[TestFixture]
public class TorchGradientTests
{
    private const double Tolerance = 2e-4;

    private static IEnumerable<TestCaseData> Operations => TorchOperation.All.Select(operation => new TestCaseData(operation).SetArgDisplayNames(operation.Name));

    [TestCaseSource(nameof(Operations))]
    public void Agrees_with_64_bits_whatever_the_memory_layout(object of)
    {
        var operation = (TorchOperation)of;
        foreach (var permutedInput in new[] { false, true })
            foreach (var permutedGradient in new[] { false, true })
            {
                using var scope = NewDisposeScope();
                var expected = Gradients(operation, ScalarType.Float64, permutedInput, permutedGradient);
                var actual = Gradients(operation, ScalarType.Float32, permutedInput, permutedGradient);
                for (var input = 0; input < expected.Length; input++)
                    Assert.That(Difference(expected[input], actual[input]), Is.LessThan(Tolerance),
                        $"input {input}, {(permutedInput ? "permuted" : "contiguous")}; incoming gradient {(permutedGradient ? "permuted" : "contiguous")}");
            }
    }

    private static double[][] Gradients(TorchOperation operation, ScalarType type, bool permutedInput, bool permutedGradient)
    {
        var generator = new Generator(17);
        var leaves = new List<Tensor>();
        var inputs = new List<Tensor>();
        foreach (var shape in operation.Shapes)
        {
            var values = operation.Domain(randn(shape, generator: generator)).to_type(type);
            var order = Order(shape.Length);
            var leaf = (permutedInput ? values.permute(order).contiguous() : values.clone()).requires_grad_();
            leaves.Add(leaf);
            inputs.Add(permutedInput ? leaf.permute(Inverse(order)) : leaf);
        }

        var output = operation.Apply([.. inputs]);
        var weights = randn(output.shape, generator: generator).to_type(type);
        if (permutedGradient)
        {
            // The gradient of a permuted view arrives at the operation permuted back.
            var order = Order(output.shape.Length);
            (output.permute(order) * weights.permute(order).contiguous()).sum().backward();
        }
        else
        {
            output.backward([weights]);
        }
        return [.. leaves.Select(leaf => (permutedInput ? leaf.grad.permute(Inverse(Order(leaf.shape.Length))) : leaf.grad).to_type(ScalarType.Float64).data<double>().ToArray())];
    }

    /// <summary>Channels last for four dimensions, reversed for fewer.</summary>
    private static long[] Order(int dimensions) => dimensions == 4 ? [0, 2, 3, 1] : [.. Enumerable.Range(0, dimensions).Select(i => (long)(dimensions - 1 - i))];

    private static long[] Inverse(long[] order) => [.. order.Select((_, i) => (long)Array.IndexOf(order, i))];

    /// <summary>The largest difference in relation to the largest gradient, infinite where one is not a number.</summary>
    private static double Difference(double[] expected, double[] actual)
    {
        Assert.That(actual, Has.Length.EqualTo(expected.Length));
        var largest = expected.Select(Math.Abs).DefaultIfEmpty().Max();
        var differences = expected.Zip(actual, (a, b) => double.IsFinite(b) ? Math.Abs(a - b) : double.PositiveInfinity);
        return differences.DefaultIfEmpty().Max() / Math.Max(largest, 1e-3);
    }
}
