using Microsoft.ML.DrSeg.Models;

using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// The clipped objective of GRPO (Shao et al. 2024, arXiv 2402.03300, equation 3) and its common variants: per token
/// <c>-min(min(r, cap) A, clip(r, 1 - low, 1 + high) A) + beta KL - omega H</c>. r is the probability ratio to the policy
/// that drew the answer (<see cref="ImportanceRatio"/>), A the answer's advantage, KL the estimated divergence from the
/// reference (<see cref="DivergenceEstimator"/>), H the entropy of the token's distribution. Tokens are averaged as
/// <see cref="LossAggregation"/> says.
/// </summary>
/// <remarks>
/// Without a cap the loss of a bad answer (A below 0) grows with r without bound: the clip holds r back only where the loss
/// would fall. The cap ends that (INTELLECT-2, arXiv 2505.07291, section 3.4; the dual clip of arXiv 1912.09729, equation 3).
/// Clip bounds of different width are DAPO's "clip higher" (arXiv 2503.14476, section 3.1).
/// </remarks>
internal static class GrpoLoss
{
    // exp(d) of a token that the reference finds far likelier would drown every other: the estimate is capped.
    private const double LargestLogRatio = 10;

    /// <summary>What one pass over a batch of answers gives: scalars on the device, which <see cref="LossFigures"/> reads together.</summary>
    /// <param name="Loss">With a gradient.</param>
    /// <param name="Divergence">Mean estimate over tokens; 0 without a reference.</param>
    /// <param name="ClippedShare">Share of tokens where the clip was in force.</param>
    /// <param name="Entropy">Mean entropy of the next-token distribution over tokens, in nats; 0 where it was not scored.</param>
    /// <param name="RatioGap">Largest |r - 1| of a token.</param>
    public sealed record Terms(Tensor Loss, Tensor Divergence, Tensor ClippedShare, Tensor Entropy, Tensor RatioGap);

    /// <summary>Computes the objective. Letters: B prompts, G answers each, T tokens. What the mask leaves out is 0 in all that has its shape.</summary>
    /// <param name="scored">The tokens under the policy as it is now, [B, G, T]; with entropy where the objective has a bonus for it.</param>
    /// <param name="mask">[B, G, T], 1 for a token that is learned from, 0 for padding and for answers left out.</param>
    /// <param name="oldLogProbabilities">[B, G, T] under the policy that drew the answers.</param>
    /// <param name="referenceLogProbabilities">[B, G, T] under the reference; null without one.</param>
    /// <param name="advantages">[B, G].</param>
    /// <param name="longestAnswer">Tokens of the longest answer allowed: what <see cref="LossAggregation.DrGrpo"/> divides by.</param>
    public static Terms Compute(
        ScoredTokens scored, Tensor mask, Tensor oldLogProbabilities, Tensor? referenceLogProbabilities,
        Tensor advantages, ObjectiveOptions objective, int longestAnswer)
    {
        Tensor logProbabilities = scored.LogProbabilities;
        Tensor logRatio = logProbabilities - oldLogProbabilities;
        if (objective.ImportanceRatio == ImportanceRatio.Sequence)
            logRatio = ((logRatio * mask).sum(-1) / mask.sum(-1).AtLeast(1)).unsqueeze(-1).expand_as(mask);
        Tensor ratio = logRatio.exp();
        Tensor clipped = ratio.Between(1 - objective.ClipLow, 1 + objective.ClipHigh);
        if (objective.RatioCap is { } cap) ratio = ratio.AtMost(cap);
        Tensor advantage = advantages.unsqueeze(-1);
        Tensor perToken = -minimum(ratio * advantage, clipped * advantage);
        Tensor? divergence = null;
        if (referenceLogProbabilities is not null)
        {
            Tensor d = (referenceLogProbabilities - logProbabilities).Between(-LargestLogRatio, LargestLogRatio);
            divergence = objective.DivergenceEstimator switch
            {
                DivergenceEstimator.K1 => -d,
                DivergenceEstimator.K2 => (d * d).Times(0.5),
                _ => (d.exp() - d).Plus(-1),
            };
            perToken = perToken.Plus(divergence.Times(objective.DivergenceWeight));
        }
        if (objective.EntropyWeight > 0)
            perToken = perToken - (scored.Entropy ?? throw new ArgumentException("A bonus for entropy needs entropy.", nameof(scored))).Times(objective.EntropyWeight);
        Tensor loss = Aggregate(perToken * mask, mask, objective.LossAggregation, longestAnswer);

        using IDisposable noGradient = no_grad();
        Tensor count = mask.sum().AtLeast(1);
        Tensor Mean(Tensor values) => (values * mask).sum() / count;
        Tensor Zero() => zeros_like(count);
        return new Terms(
            loss,
            divergence is null ? Zero() : Mean(divergence.detach()),
            Mean((clipped * advantage).detach().lt((ratio * advantage).detach()).to_type(ScalarType.Float32)),
            scored.Entropy is null ? Zero() : Mean(scored.Entropy.detach()),
            ((logProbabilities.detach() - oldLogProbabilities).exp().Plus(-1).abs() * mask).max());
    }

    private static Tensor Aggregate(Tensor perToken, Tensor mask, LossAggregation aggregation, int longestAnswer) => aggregation switch
    {
        LossAggregation.Dapo => perToken.sum() / mask.sum().AtLeast(1),
        LossAggregation.DrGrpo => perToken.sum().Times(1.0 / (mask.shape[0] * mask.shape[1] * longestAnswer)),
        _ => (perToken.sum(-1) / mask.sum(-1).AtLeast(1)).mean(),
    };
}
