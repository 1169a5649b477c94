using System.ComponentModel.DataAnnotations;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.LookToConfirm;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>How a step takes its queries and answers them.</summary>
public sealed record SamplingOptions : IOptionRecord
{
    /// <summary>Queries a step, at least 1.</summary>
    [Range(1, int.MaxValue)]
    public int QueriesPerStep { get; init; } = 24;

    /// <summary>Answers a query, at least 2. With Look-to-Confirm its options say how many.</summary>
    [Range(2, int.MaxValue, ErrorMessage = "at least 2: an answer is valued against the others of its group")]
    public int GroupSize { get; init; } = 8;

    /// <summary>Look-to-Confirm while training, with at least 2 answers a view; null for none.</summary>
    public LookToConfirmOptions? LookToConfirm { get; init; }

    /// <summary>
    /// How many times a step may replace queries whose answers all earned the same by the next ones of the data, at least 0.
    /// This is DAPO's dynamic sampling (arXiv 2503.14476, section 3.2) with a bound.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int ResampleAttempts { get; init; }

    /// <summary>
    /// Rows held in memory to draw the next from, at least 0; 0 keeps the rows' own order. Every pass over the data has an
    /// order of its own, which the seed fixes.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int ShufflePoolSize { get; init; }

    /// <summary>Whether rows that are not well formed are left out, counted and logged, instead of ending training.</summary>
    public bool SkipBadRows { get; init; }

    void IOptionRecord.RequireTogether(string prefix)
    {
        if (LookToConfirm is not { } looking) return;
        const string AtLeastTwo = "at least 2 when training: an answer is valued against the others to the same view";
        OptionChecks.Require(looking.FirstLookAnswers >= 2, $"{prefix}{nameof(LookToConfirm)}.{nameof(looking.FirstLookAnswers)}", looking.FirstLookAnswers, AtLeastTwo);
        OptionChecks.Require(looking.AnswersPerCloserView >= 2, $"{prefix}{nameof(LookToConfirm)}.{nameof(looking.AnswersPerCloserView)}", looking.AnswersPerCloserView, AtLeastTwo);
    }
}
