using System.ComponentModel.DataAnnotations;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>How the losses of tokens become the loss of a step. Letters: N answers, |y| tokens of an answer.</summary>
public enum LossAggregation
{
    /// <summary>Mean over the tokens of an answer, then over answers (GRPO, arXiv 2402.03300, equation 3): every answer weighs the same.</summary>
    Grpo,

    /// <summary>Mean over all tokens of the step (DAPO, arXiv 2503.14476, equation 8): every token weighs the same.</summary>
    Dapo,

    /// <summary>
    /// Sum over all tokens, divided by N times the longest answer allowed (Dr. GRPO, arXiv 2503.20783, section 3.1): no
    /// answer's length changes the weight of its tokens.
    /// </summary>
    DrGrpo,
}

/// <summary>What the probability of an answer is compared by, now and when it was drawn.</summary>
public enum ImportanceRatio
{
    /// <summary>Token by token: <c>r_t = exp(log p(y_t) - log p_old(y_t))</c> (GRPO, arXiv 2402.03300, equation 3).</summary>
    Token,

    /// <summary>
    /// One ratio an answer, the geometric mean of its tokens' ratios: <c>s = exp(mean_t(log p(y_t) - log p_old(y_t)))</c>
    /// (GSPO, arXiv 2507.18071, equations 5 and 7). Its values lie far closer to 1: clip at about 3e-4 and 4e-4.
    /// </summary>
    Sequence,
}

/// <summary>
/// Estimates of the divergence KL(policy, reference) from one drawn token, with <c>d = log p_ref - log p</c> (J. Schulman,
/// "Approximating KL Divergence", 2020).
/// </summary>
public enum DivergenceEstimator
{
    /// <summary><c>-d</c>: unbiased, of large variance, may be negative. As a loss its gradient is 0 on average: for comparison only.</summary>
    K1,

    /// <summary><c>d^2 / 2</c>: biased, of small variance; its gradient is that of the divergence.</summary>
    K2,

    /// <summary><c>exp(d) - d - 1</c>: unbiased, of small variance, never negative (GRPO, arXiv 2402.03300, equation 4).</summary>
    K3,
}

/// <summary>What one update of the policy minimises: the clipped objective of GRPO (arXiv 2402.03300, equation 3) or a variant of it.</summary>
public sealed record ObjectiveOptions : IOptionRecord
{
    /// <summary>How the losses of tokens become the loss of a step.</summary>
    public LossAggregation LossAggregation { get; init; } = LossAggregation.Grpo;

    /// <summary>What the probability of an answer is compared by, now and when it was drawn.</summary>
    public ImportanceRatio ImportanceRatio { get; init; } = ImportanceRatio.Token;

    /// <summary>How far below 1 a probability ratio may go, 0..1.</summary>
    [Range(0.0, 1.0)]
    public double ClipLow { get; init; } = 0.2;

    /// <summary>How far above 1 a probability ratio may go, at least 0.</summary>
    [Range(0, double.MaxValue)]
    public double ClipHigh { get; init; } = 0.2;

    /// <summary>
    /// Largest probability ratio that counts for an answer worse than its group, above 1 + <see cref="ClipHigh"/>; null for
    /// no such cap. 4 is common.
    /// </summary>
    public double? RatioCap { get; init; }

    /// <summary>Weight of the divergence from the reference (the policy at the start), at least 0; 0 holds no reference.</summary>
    [Range(0, double.MaxValue)]
    public double DivergenceWeight { get; init; } = 0.1;

    /// <summary>How the divergence is estimated.</summary>
    public DivergenceEstimator DivergenceEstimator { get; init; } = DivergenceEstimator.K3;

    /// <summary>Every how many steps the reference becomes the policy as it then is, at least 0; 0 keeps it frozen.</summary>
    [Range(0, int.MaxValue)]
    public int ReferenceSyncEveryNSteps { get; init; }

    /// <summary>Weight of a bonus for the entropy of the next token, at least 0.</summary>
    [Range(0, double.MaxValue)]
    public double EntropyWeight { get; init; }

    /// <summary>What the difference between a reward and its group's mean is divided by.</summary>
    public AdvantageScaling AdvantageScaling { get; init; } = AdvantageScaling.Group;

    /// <summary>Whether answers that could not be parsed are left out of the loss; they stay in their group's baseline.</summary>
    public bool MaskFailedAnswers { get; init; }

    /// <summary>Whether answers that reached the longest length without an end are left out of the loss; they stay in their group's baseline. See arXiv 2503.14476, section 3.4.</summary>
    public bool MaskOverlongAnswers { get; init; }

    void IOptionRecord.RequireTogether(string prefix) => OptionChecks.Require(
        RatioCap is not { } cap || cap > 1 + ClipHigh, $"{prefix}{nameof(RatioCap)}", RatioCap ?? 0, $"null or above 1 + {nameof(ClipHigh)}, where the clip ends");
}
