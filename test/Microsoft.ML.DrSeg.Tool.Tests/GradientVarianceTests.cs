using Microsoft.ML.DrSeg.Studies;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tool.Tests;

public class GradientVarianceTests
{
    private static double[,] Products(double[][] draws)
    {
        var products = new double[draws.Length, draws.Length];
        for (var i = 0; i < draws.Length; i++)
        {
            for (var j = 0; j < draws.Length; j++)
                products[i, j] = draws[i].Zip(draws[j], (a, b) => a * b).Sum();
        }
        return products;
    }

    [Test]
    public void ThreeDrawsByHand()
    {
        // Squares 2, 2, 1, so 5/3 on average; products 0, 1, 1, so 2/3: (5/3 - 2/3) / (2/3).
        var estimate = GradientVariance.Relative(Products([[1, 1], [1, -1], [1, 0]]));
        Assert.That(estimate.Value, Is.EqualTo(1.5).Within(1e-12));
    }

    [Test]
    public void AKnownVarianceLiesInTheInterval()
    {
        // A signal of length 5 and noise of variance 4 in each of 50 dimensions: 200 / 25.
        var random = new Random(3);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        double[][] draws = [.. Enumerable.Range(0, 200).Select(_ => Enumerable.Range(0, 50).Select(k => (k == 0 ? 3 : k == 1 ? 4 : 0) + 2 * Normal()).ToArray())];
        var estimate = GradientVariance.Relative(Products(draws));
        Assert.That(estimate.Low, Is.LessThan(8));
        Assert.That(estimate.High, Is.GreaterThan(8));
        Assert.That(estimate.High / estimate.Low, Is.LessThan(2), "and it is narrow");
    }

    [Test]
    public void TheScaleOfAGradientDoesNotMatter()
    {
        double[][] draws = [[1, 2], [2, 1], [3, 1], [2, 2]];
        double[][] scaled = [.. draws.Select(draw => draw.Select(value => 8 * value).ToArray())];
        var ratio = GradientVariance.Ratio(Products(scaled), Products(draws));
        Assert.That((ratio.Value, ratio.Low, ratio.High), Is.EqualTo((1.0, 1.0, 1.0)));
    }
}
