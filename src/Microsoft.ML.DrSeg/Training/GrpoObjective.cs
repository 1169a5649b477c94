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

/// <summary>What one update of the policy minimises; see <see cref="GrpoLoss"/> for the formula.</summary>
internal sealed record GrpoObjective
{
    public LossAggregation Aggregation { get; init; } = LossAggregation.Grpo;

    public ImportanceRatio Ratio { get; init; } = ImportanceRatio.Token;

    public double ClipLow { get; init; } = 0.2;

    public double ClipHigh { get; init; } = 0.2;

    /// <summary>Largest ratio that counts for an answer worse than its group; infinite for none.</summary>
    public double RatioCap { get; init; } = double.PositiveInfinity;

    public DivergenceEstimator Estimator { get; init; } = DivergenceEstimator.K3;

    public double DivergenceWeight { get; init; }

    public double EntropyWeight { get; init; }

    /// <summary>Tokens of the longest answer allowed: what <see cref="LossAggregation.DrGrpo"/> divides by.</summary>
    public required int LongestAnswer { get; init; }
}
