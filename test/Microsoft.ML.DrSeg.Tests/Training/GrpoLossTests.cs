using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tests.Training;

public class GrpoLossTests
{
    // Two answers of two tokens and one, vocabulary of three. All expectations are worked out in float64 below.
    private static readonly float[] Logits = [0.2f, -0.4f, 1.0f, 0.5f, 0.1f, -0.3f, 1.2f, 0.7f, -0.6f, 0f, 0f, 0f];
    private static readonly long[] Tokens = [2, 0, 1, 0];
    private static readonly float[] Mask = [1, 1, 1, 0];
    private static readonly float[] Old = [-0.9f, -0.5f, -1.4f, 0];
    private static readonly float[] Reference = [-0.7f, -1.0f, -0.8f, 0];
    private static readonly float[] Advantages = [1.5f, -0.8f];

    [TestCase(0.0)]
    [TestCase(0.3)]
    public void EqualsTheWorkedExample(double beta)
    {
        using var scope = NewDisposeScope();
        GrpoLoss.Terms terms = Compute(beta, tensor(Logits, [1, 2, 2, 3]));
        double expected = 0, divergence = 0;
        int[][] answers = [[0, 1], [2]];
        for (int a = 0; a < 2; a++)
        {
            double sum = 0;
            foreach (int t in answers[a])
            {
                double p = LogSoftmax(t), ratio = Math.Exp(p - Old[t]), d = Reference[t] - p;
                double policy = Math.Min(ratio * Advantages[a], Math.Clamp(ratio, 0.8, 1.2) * Advantages[a]);
                double k3 = Math.Exp(d) - d - 1;
                sum += -policy + beta * k3;
                divergence += k3 / 3;
            }
            expected += sum / answers[a].Length / 2;
        }
        Assert.That(terms.Loss.item<float>(), Is.EqualTo(expected).Within(1e-6));
        Assert.That(terms.Divergence, Is.EqualTo(beta > 0 ? divergence : 0).Within(1e-6));
    }

    [Test]
    public void CountsTheTokensWhereTheClipIsInForce()
    {
        using var scope = NewDisposeScope();
        int clipped = 0;
        for (int t = 0; t < 3; t++)
        {
            double ratio = Math.Exp(LogSoftmax(t) - Old[t]), advantage = Advantages[t / 2];
            if (Math.Clamp(ratio, 0.8, 1.2) * advantage < ratio * advantage) clipped++;
        }
        Assert.That(Compute(0, tensor(Logits, [1, 2, 2, 3])).ClippedShare, Is.EqualTo(clipped / 3.0).Within(1e-6));
    }

    [Test]
    public void PaddingHasNoGradient()
    {
        using var scope = NewDisposeScope();
        Tensor logits = tensor(Logits, [1, 2, 2, 3], requires_grad: true);
        Compute(0.1, logits).Loss.backward();
        float[] gradient = logits.grad!.data<float>().ToArray();
        Assert.That(gradient[9..], Is.All.Zero);
        Assert.That(gradient[..9], Has.Some.Not.Zero);
    }

    private static GrpoLoss.Terms Compute(double beta, Tensor logits) => GrpoLoss.Compute(
        logits, tensor(Tokens, [1, 2, 2]), tensor(Mask, [1, 2, 2]), tensor(Old, [1, 2, 2]),
        beta > 0 ? tensor(Reference, [1, 2, 2]) : null, tensor(Advantages, [1, 2]), 0.2, 0.2, beta);

    private static double LogSoftmax(int t)
    {
        double[] row = [.. Logits[(3 * t)..(3 * t + 3)].Select(v => (double)v)];
        return row[Tokens[t]] - Math.Log(row.Sum(Math.Exp));
    }
}
