namespace Microsoft.ML.DrSeg.LookToConfirm;

/// <summary>How much <see cref="LookToConfirmLoop"/> looks.</summary>
public sealed record LookToConfirmOptions
{
    /// <summary>Answers of the first look, at least 1.</summary>
    public int FirstLookAnswers { get; init; } = 8;

    /// <summary>How many different proposals get a closer view when confidence stays low, at least 1.</summary>
    public int CloserViews { get; init; } = 4;

    /// <summary>Answers from each closer view, at least 1.</summary>
    public int AnswersPerCloserView { get; init; } = 2;

    /// <summary>
    /// Whether the first answer of each view is greedy, as it should be when answering; training draws all of them,
    /// for a greedy answer is no draw from the policy.
    /// </summary>
    public bool FirstGreedy { get; init; } = true;

    /// <summary>Temperature of the sampled answers, above 0.</summary>
    public float Temperature { get; init; } = 1f;

    /// <summary>Confidence below which there is a second look: 0 never looks twice, above 1 always.</summary>
    public float Threshold { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(FirstLookAnswers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(CloserViews, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(AnswersPerCloserView, 1);
        if (!(Temperature > 0)) throw new ArgumentOutOfRangeException(nameof(Temperature), Temperature, "The temperature must be above 0.");
        if (float.IsNaN(Threshold)) throw new ArgumentOutOfRangeException(nameof(Threshold), Threshold, "The threshold must be a number.");
    }
}
