using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// The clipped objective of GRPO (Shao et al. 2024, arXiv 2402.03300, equation 3) with the k3 estimate of the
/// divergence from a reference (equation 4): per token
/// <c>-min(r A, clip(r, 1 - low, 1 + high) A) + beta (exp(d) - d - 1)</c>, where r is the probability ratio to the
/// policy that drew the answer and d the reference's log-probability less the policy's; averaged over the tokens of
/// an answer, then over answers.
/// </summary>
internal static class GrpoLoss
{
    // exp(d) of a token that the reference finds far likelier would drown every other: the estimate is capped.
    private const double LargestLogRatio = 10;

    /// <summary>What one pass over a batch of answers gives.</summary>
    /// <param name="Loss">Scalar, with a gradient.</param>
    /// <param name="Divergence">Mean k3 estimate over tokens; 0 without a reference.</param>
    /// <param name="ClippedShare">Share of tokens where the clip was in force.</param>
    /// <param name="Entropy">Mean entropy of the next-token distribution over tokens, in nats.</param>
    public sealed record Terms(Tensor Loss, double Divergence, double ClippedShare, double Entropy);

    /// <summary>Computes the objective. Letters: B prompts, G answers each, T tokens, V vocabulary.</summary>
    /// <param name="logits">[B, G, T, V].</param>
    /// <param name="tokens">[B, G, T] of Int64.</param>
    /// <param name="mask">[B, G, T], 1 for a token of the answer, 0 for padding.</param>
    /// <param name="oldLogProbabilities">[B, G, T] under the policy that drew the answers.</param>
    /// <param name="referenceLogProbabilities">[B, G, T] under the reference; null without one.</param>
    /// <param name="advantages">[B, G].</param>
    /// <param name="clipLow">How far below 1 the ratio may go.</param>
    /// <param name="clipHigh">How far above 1 the ratio may go.</param>
    /// <param name="divergenceWeight">beta.</param>
    public static Terms Compute(
        Tensor logits, Tensor tokens, Tensor mask, Tensor oldLogProbabilities, Tensor? referenceLogProbabilities,
        Tensor advantages, double clipLow, double clipHigh, double divergenceWeight)
    {
        Tensor logDistribution = logits.log_softmax(-1);
        Tensor logProbabilities = Pick(logDistribution, tokens);
        Tensor ratio = (logProbabilities - oldLogProbabilities).exp();
        Tensor clipped = ratio.clamp(1 - clipLow, 1 + clipHigh);
        Tensor advantage = advantages.unsqueeze(-1);
        Tensor perToken = -minimum(ratio * advantage, clipped * advantage);
        Tensor? divergence = null;
        if (referenceLogProbabilities is not null)
        {
            Tensor d = (referenceLogProbabilities - logProbabilities).clamp(-LargestLogRatio, LargestLogRatio);
            divergence = d.exp() - d - 1;
            perToken = perToken + divergenceWeight * divergence;
        }
        Tensor perAnswer = (perToken * mask).sum(-1) / mask.sum(-1).clamp_min(1);
        Tensor loss = perAnswer.mean();

        using IDisposable noGradient = no_grad();
        Tensor count = mask.sum();
        double Mean(Tensor values) => ((values * mask).sum() / count).cpu().item<float>();
        return new Terms(
            loss,
            divergence is null ? 0 : Mean(divergence.detach()),
            Mean((clipped * advantage).detach().lt((ratio * advantage).detach()).to_type(ScalarType.Float32)),
            Mean(-(logDistribution.detach().exp() * logDistribution.detach()).sum(-1)));
    }

    /// <summary>Log-probability of each given token: [B, G, T, V] and [B, G, T] to [B, G, T].</summary>
    public static Tensor Pick(Tensor logDistribution, Tensor tokens) =>
        logDistribution.gather(-1, tokens.unsqueeze(-1)).squeeze(-1);
}
