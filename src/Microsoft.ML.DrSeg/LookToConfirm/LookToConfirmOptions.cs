using System.ComponentModel.DataAnnotations;
using Microsoft.ML.DrSeg.Common;


namespace Microsoft.ML.DrSeg.LookToConfirm;

/// <summary>How much <see cref="LookToConfirmLoop"/> looks.</summary>
public sealed record LookToConfirmOptions : IOptionRecord
{
    /// <summary>Answers of the first look, 1 to 4,096.</summary>
    [Range(1, OptionChecks.MostTogether)]
    public int FirstLookAnswers { get; init; } = 8;

    /// <summary>How many different proposals get a closer view when confidence stays low, 1 to 4,096.</summary>
    [Range(1, OptionChecks.MostTogether)]
    public int CloserViews { get; init; } = 4;

    /// <summary>Answers from each closer view, at least 1; at most 4,096 from all of them.</summary>
    [Range(1, OptionChecks.MostTogether)]
    public int AnswersPerCloserView { get; init; } = 2;

    /// <summary>
    /// Whether the first answer of each view is greedy, as it should be when answering; training draws all of them,
    /// for a greedy answer is no draw from the policy.
    /// </summary>
    public bool FirstGreedy { get; init; } = true;

    /// <summary>Temperature of the sampled answers, above 0 and finite.</summary>
    [Range(0, double.MaxValue, MinimumIsExclusive = true)]
    public float Temperature { get; init; } = 1f;

    /// <summary>Confidence below which there is a second look: 0 never looks twice, above 1 always.</summary>
    [Range(double.NegativeInfinity, double.PositiveInfinity)]
    public float Threshold { get; init; }

    /// <summary>
    /// How much surer of "there is nothing like that here" than of the best mask the check must be for that to be the answer, -1 to 1: above 0
    /// fewer present things are missed, and fewer absent ones told. Without effect on policies that never say so.
    /// </summary>
    [Range(-1.0, 1.0)]
    public float NothingMargin { get; init; } = 0.1f;

    void IOptionRecord.RequireTogether(string prefix) => OptionChecks.Require(
        (long)CloserViews * AnswersPerCloserView <= OptionChecks.MostTogether, $"{prefix}{nameof(AnswersPerCloserView)}", AnswersPerCloserView,
        $"at most {OptionChecks.MostTogether / CloserViews} for each of {CloserViews} closer views: 4,096 in all");
}
