using static Microsoft.ML.DrSeg.Common.OptionChecks;

namespace Microsoft.ML.DrSeg.LookToConfirm;

/// <summary>How much <see cref="LookToConfirmLoop"/> looks.</summary>
public sealed record LookToConfirmOptions
{
    /// <summary>Answers of the first look, 1 to 4,096.</summary>
    public int FirstLookAnswers { get; init; } = 8;

    /// <summary>How many different proposals get a closer view when confidence stays low, 1 to 4,096.</summary>
    public int CloserViews { get; init; } = 4;

    /// <summary>Answers from each closer view, at least 1; at most 4,096 from all of them.</summary>
    public int AnswersPerCloserView { get; init; } = 2;

    /// <summary>
    /// Whether the first answer of each view is greedy, as it should be when answering; training draws all of them,
    /// for a greedy answer is no draw from the policy.
    /// </summary>
    public bool FirstGreedy { get; init; } = true;

    /// <summary>Temperature of the sampled answers, above 0 and finite.</summary>
    public float Temperature { get; init; } = 1f;

    /// <summary>Confidence below which there is a second look: 0 never looks twice, above 1 always.</summary>
    public float Threshold { get; init; }

    internal void Validate()
    {
        RequireBatch(nameof(FirstLookAnswers), FirstLookAnswers);
        RequireBatch(nameof(CloserViews), CloserViews);
        RequireBatch(nameof(AnswersPerCloserView), AnswersPerCloserView);
        Require((long)CloserViews * AnswersPerCloserView <= MostTogether, nameof(AnswersPerCloserView), AnswersPerCloserView, $"at most {MostTogether / CloserViews} for each of {CloserViews} closer views: 4,096 in all");
        Require(Temperature > 0 && float.IsFinite(Temperature), nameof(Temperature), Temperature, "above 0 and finite");
        Require(!float.IsNaN(Threshold), nameof(Threshold), Threshold, "a number");
    }
}
