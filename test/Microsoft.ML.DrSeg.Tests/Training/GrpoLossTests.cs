using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tests.Training;

/// <summary>Every variant of the objective against the same example, worked out term by term in float64.</summary>
public class GrpoLossTests
{
    // One prompt, two answers of two tokens and one, vocabulary of three; the last token is padding.
    private static readonly float[] Logits = [0.2f, -0.4f, 1.0f, 0.5f, 0.1f, -0.3f, 1.2f, 0.7f, -0.6f, 0f, 0f, 0f];
    private static readonly long[] Tokens = [2, 0, 1, 0];
    private static readonly ObjectiveOptions Plain = new() { DivergenceWeight = 0 };

    private const int Longest = 5;
    private static readonly float[] Mask = [1, 1, 1, 0];
    private static readonly float[] Old = [-0.9f, -0.5f, -2.9f, 0];
    private static readonly float[] Reference = [-0.7f, -1.0f, -0.8f, 0];
    private static readonly float[] Advantages = [1.5f, -0.8f];
    private static readonly int[][] Answers = [[0, 1], [2]];

    [Test]
    public void EqualsTheWorkedExample(
        [Values] LossAggregation aggregation, [Values] ImportanceRatio ratio, [Values] DivergenceEstimator estimator,
        [Values(0.0, 0.3)] double beta, [Values(double.PositiveInfinity, 3.0)] double cap, [Values(0.0, 0.05)] double entropyWeight)
    {
        var objective = new ObjectiveOptions
        {
            LossAggregation = aggregation,
            ImportanceRatio = ratio,
            DivergenceEstimator = estimator,
            DivergenceWeight = beta,
            RatioCap = double.IsFinite(cap) ? cap : null,
            EntropyWeight = entropyWeight,
            ClipLow = 0.2,
            ClipHigh = 0.28,
        };
        using var scope = NewDisposeScope();
        GrpoLoss.Terms terms = Compute(objective, tensor(Logits, [1, 2, 2, 3]));
        double divergence = Answers.SelectMany(answer => answer).Average(t => Divergence(t, estimator));
        Assert.That(terms.Loss.item<float>(), Is.EqualTo(Expected(objective)).Within(1e-6));
        Assert.That(terms.Divergence.item<float>(), Is.EqualTo(beta > 0 ? divergence : 0).Within(1e-6));
        Assert.That(terms.Entropy.item<float>(), Is.EqualTo(Answers.SelectMany(answer => answer).Average(Entropy)).Within(1e-6));
    }

    /// <summary>The numbers themselves for the default, from a pocket calculator.</summary>
    [Test]
    public void TheDefaultByHand()
    {
        // Probabilities e^x / sum: token 0 0.5896, token 1 0.4718, token 2 0.3423. Ratios to the old ones: 1.4503, 0.7778, 6.2214.
        // First answer (A = 1.5): min(1.4503, 1.2) 1.5 = 1.8000 and 0.7778 1.5 = 1.1667: mean 1.4834.
        // Second (A = -.8): -.8 x 6.2214 = -4.9771, nothing holds it back. Loss: -(1.4834 - 4.9771) / 2.
        using var scope = NewDisposeScope();
        Assert.That(Compute(Plain, tensor(Logits, [1, 2, 2, 3])).Loss.item<float>(), Is.EqualTo(1.74686).Within(2e-5));
    }

    [Test]
    public void ACapBoundsTheLossOfABadAnswerAndLeavesAGoodOneAlone()
    {
        using var scope = NewDisposeScope();
        float Loss(double? cap, float advantage) => Compute(Plain with { RatioCap = cap }, tensor(Logits, [1, 2, 2, 3]), [advantage, advantage]).Loss.item<float>();
        Assert.That(Loss(3, -1), Is.EqualTo(((1.4503 + 0.8) / 2 + 3) / 2).Within(1e-3));
        Assert.That(Loss(null, -1), Is.GreaterThan(Loss(3, -1) + 1));
        Assert.That(Loss(3, 1), Is.EqualTo(Loss(null, 1)));
    }

    [Test]
    public void CountsTheTokensWhereTheClipIsInForce()
    {
        using var scope = NewDisposeScope();
        int clipped = 0;
        for (int t = 0; t < 3; t++)
        {
            double ratio = Math.Exp(LogProbability(t) - Old[t]), advantage = Advantages[t / 2];
            if (Math.Clamp(ratio, 0.8, 1.2) * advantage < ratio * advantage) clipped++;
        }
        Assert.That(Compute(Plain, tensor(Logits, [1, 2, 2, 3])).ClippedShare.item<float>(), Is.EqualTo(clipped / 3.0).Within(1e-6));
    }

    [Test]
    public void PaddingHasNoGradient([Values] LossAggregation aggregation, [Values] ImportanceRatio ratio)
    {
        using var scope = NewDisposeScope();
        Tensor logits = tensor(Logits, [1, 2, 2, 3], requires_grad: true);
        Compute(Plain with { DivergenceWeight = 0.1, EntropyWeight = 0.1, LossAggregation = aggregation, ImportanceRatio = ratio }, logits).Loss.backward();
        float[] gradient = logits.grad!.data<float>().ToArray();
        Assert.That(gradient[9..], Is.All.Zero);
        Assert.That(gradient[..9], Has.Some.Not.Zero);
    }

    [Test]
    public void AnswersThatAreAllLeftOutTeachNothing([Values] LossAggregation aggregation)
    {
        using var scope = NewDisposeScope();
        Tensor logits = tensor(Logits, [1, 2, 2, 3], requires_grad: true);
        Tensor mask = zeros(1, 2, 2);
        GrpoLoss.Terms terms = GrpoLoss.Compute(
            Score(logits, mask), mask, tensor(Old, [1, 2, 2]), null, tensor(Advantages, [1, 2]), Plain with { LossAggregation = aggregation }, Longest);
        terms.Loss.backward();
        Assert.That(terms.Loss.item<float>(), Is.Zero);
        Assert.That(LossFigures.Read([terms]), Is.EqualTo(new[] { default(LossFigures) }));
        Assert.That(logits.grad!.data<float>().ToArray(), Is.All.Zero);
    }

    [Test]
    public void AFarLikelierReferenceDoesNotOverflow([Values] DivergenceEstimator estimator)
    {
        using var scope = NewDisposeScope();
        Tensor logits = tensor(Logits, [1, 2, 2, 3]) * 100;
        GrpoLoss.Terms terms = Compute(Plain with { DivergenceWeight = 1, DivergenceEstimator = estimator }, logits);
        Assert.That(Math.Abs(terms.Divergence.item<float>()), Is.LessThan(Math.Exp(10)).And.Not.NaN);
        Assert.That(float.IsFinite(terms.Loss.item<float>()));
    }

    [Test]
    public void WithoutEntropyThereIsNoFigureOfItAndNoBonus()
    {
        using var scope = NewDisposeScope();
        Tensor mask = tensor(Mask, [1, 2, 2]);
        using var scored = new ScoredTokens(Score(tensor(Logits, [1, 2, 2, 3]), mask).LogProbabilities);
        GrpoLoss.Terms Terms(double weight) => GrpoLoss.Compute(scored, mask, tensor(Old, [1, 2, 2]), null, tensor(Advantages, [1, 2]), Plain with { EntropyWeight = weight }, Longest);
        Assert.That(Terms(0).Entropy.item<float>(), Is.Zero);
        Assert.That(Terms(0).Loss.item<float>(), Is.EqualTo(Compute(Plain, tensor(Logits, [1, 2, 2, 3])).Loss.item<float>()));
        Assert.That(() => Terms(0.1), Throws.ArgumentException.With.Message.Contains("needs entropy"));
    }

    [Test]
    public void TheFiguresOfSeveralLossesAreReadTogether()
    {
        using var scope = NewDisposeScope();
        GrpoLoss.Terms first = new(tensor(1f, requires_grad: true), tensor(2f), tensor(3f), tensor(4f), tensor(0.5f)), second = new(tensor(5f), tensor(6f), tensor(7f), tensor(float.NaN), tensor(0.25f));
        Assert.That(LossFigures.Read([first, second]), Is.EqualTo(new LossFigures[] { new(1, 2, 3, 4, 0.5), new(5, 6, 7, double.NaN, 0.25) }));
    }

    private static GrpoLoss.Terms Compute(ObjectiveOptions objective, Tensor logits, float[]? advantages = null)
    {
        Tensor mask = tensor(Mask, [1, 2, 2]);
        return GrpoLoss.Compute(
            Score(logits, mask), mask, tensor(Old, [1, 2, 2]),
            objective.DivergenceWeight > 0 ? tensor(Reference, [1, 2, 2]) : null, tensor(advantages ?? Advantages, [1, 2]), objective, Longest);
    }

    private static ScoredTokens Score(Tensor logits, Tensor mask)
    {
        Tensor distribution = logits.log_softmax(-1);
        return new ScoredTokens(
            distribution.gather(-1, tensor(Tokens, [1, 2, 2, 1])).squeeze(-1) * mask,
            -(distribution.exp() * distribution).sum(-1) * mask);
    }

    private static double Expected(ObjectiveOptions objective)
    {
        double[] answers = [.. Answers.Select((tokens, a) => tokens.Sum(t =>
        {
            double log = objective.ImportanceRatio == ImportanceRatio.Token ? LogProbability(t) - Old[t] : tokens.Average(u => LogProbability(u) - Old[u]);
            double ratio = Math.Exp(log), clipped = Math.Clamp(ratio, 1 - objective.ClipLow, 1 + objective.ClipHigh);
            double gained = Math.Min(Math.Min(ratio, objective.RatioCap ?? double.PositiveInfinity) * Advantages[a], clipped * Advantages[a]);
            double divergence = objective.DivergenceWeight > 0 ? Divergence(t, objective.DivergenceEstimator) : 0;
            return -gained + objective.DivergenceWeight * divergence - objective.EntropyWeight * Entropy(t);
        }))];
        return objective.LossAggregation switch
        {
            LossAggregation.Grpo => (answers[0] / 2 + answers[1] / 1) / 2,
            LossAggregation.Dapo => (answers[0] + answers[1]) / 3,
            _ => (answers[0] + answers[1]) / (2 * Longest),
        };
    }

    private static double Divergence(int t, DivergenceEstimator estimator)
    {
        double p = LogProbability(t), q = Reference[t];
        return estimator switch
        {
            DivergenceEstimator.K1 => p - q,
            DivergenceEstimator.K2 => 0.5 * Math.Pow(q - p, 2),
            _ => Math.Exp(q) / Math.Exp(p) - 1 - (q - p),
        };
    }

    private static double LogProbability(int t) => Math.Log(Probabilities(t)[Tokens[t]]);

    private static double Entropy(int t) => -Probabilities(t).Sum(p => p * Math.Log(p));

    private static double[] Probabilities(int t)
    {
        double[] weights = [.. Logits[(3 * t)..(3 * t + 3)].Select(v => Math.Exp(v))];
        return [.. weights.Select(weight => weight / weights.Sum())];
    }
}
