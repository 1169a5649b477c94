using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>What a step of GRPO is on both sides of the comparison, whoever computes the logits. Shapes may have more axes in front.</summary>
internal static class GrpoStep
{
    public const double LearningRate = 1e-4, WeightDecay = 0.01, LargestGradientNorm = 1;

    /// <summary>Log-probability of each given token: [..., T, V] and [..., T] to [..., T].</summary>
    public static Tensor LogProbabilities(Tensor logits, Tensor tokens) =>
        logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1);

    /// <summary>The clipped objective with the divergence from the reference (arXiv 2402.03300, equations 3 and 4), a mean over tokens.</summary>
    /// <param name="now">[..., T] log-probabilities under the policy.</param>
    /// <param name="reference">The same under the reference.</param>
    /// <param name="old">The same when the answers were drawn.</param>
    /// <param name="counted">1 for a token of an answer, 0 for padding.</param>
    /// <param name="advantages">[..., 1].</param>
    public static Tensor Loss(Tensor now, Tensor reference, Tensor old, Tensor counted, Tensor advantages)
    {
        Tensor ratio = (now - old).exp(), d = (reference - now).clamp(-10, 10);
        Tensor clipped = minimum(ratio * advantages, ratio.clamp(0.8, 1.2) * advantages);
        return ((0.01 * (d.exp() - d - 1) - clipped) * counted).sum() / counted.sum();
    }
}
