using System.Text.Json;
using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>Puts together what a step measured.</summary>
internal static class StepReport
{
    // Of an answer's text, in an example of a failure: enough to see what the policy writes.
    private const int ShownCharacters = 300;

    /// <param name="rollout">This process's part of the step; the figures are those of the whole.</param>
    /// <param name="clock">The step's time, read now.</param>
    public static GrpoStepMetrics Of(Rollout rollout, ScoredStep scored, StepShare share, UpdateFigures learned, int resampledQueries, int steps, StepClock clock)
    {
        // Means are taken look by look: in another order their last bits would differ from those of earlier runs.
        int[] places = [.. Enumerable.Range(0, scored.Answers.Length).OrderBy(i => scored.Answers[i].Look)];
        float[] rewards = [.. places.Select(i => scored.Rewards[i])];
        CandidateMetrics[] measured = [.. places.Select(i => scored.Answers[i].Metrics)];
        int tokens = scored.Answers.Sum(answer => answer.Tokens);
        IGrouping<FailedAnswerReason, MeasuredAnswer>[] failed =
            [.. scored.Answers.Where(answer => answer.Failure is not null).GroupBy(answer => answer.Failure!.Value).OrderBy(reason => reason.Key)];
        return new GrpoStepMetrics
        {
            Step = rollout.Step,
            Steps = steps,
            Reward = rewards.Average(),
            RewardSpread = Spread(rewards),
            MaskIoU = measured.Average(metrics => metrics.IsFailed ? 0 : metrics.MaskIoU),
            BoxIoU = measured.Average(metrics => metrics.IsFailed ? 0 : metrics.BoxIoU),
            FailedShare = measured.Average(metrics => metrics.IsFailed ? 1.0 : 0.0),
            Failures = failed.ToDictionary(reason => reason.Key, reason => reason.Count()),
            FailureExamples = failed.Length == 0 ? new Dictionary<FailedAnswerReason, string>() : Examples(rollout, share),
            OverlongShare = scored.Answers.Average(answer => answer.Ended ? 0.0 : 1.0),
            GroupsWithoutSpread = (double)scored.GroupsWithoutSpread / scored.Prompts,
            ResampledQueries = resampledQueries,
            SecondLookShare = (double)scored.Answers.Where(answer => answer.View > 0).Select(answer => answer.Query).Distinct().Count() / share.Examples.Count,
            Loss = learned.First.Loss,
            Divergence = learned.First.Divergence,
            ClippedShare = learned.Last.ClippedShare,
            RatioGap = learned.First.RatioGap,
            Entropy = learned.First.Entropy,
            GradientNorm = learned.GradientNorm,
            LearningRate = learned.LearningRate,
            AnswerLength = (double)tokens / scored.Answers.Length,
            RewardDiagnostics = scored.Diagnostics,
            Timing = clock.Read(tokens),
        };
    }

    // The first of the step of each reason: every process tells its own first ones.
    private static Dictionary<FailedAnswerReason, string> Examples(Rollout rollout, StepShare share)
    {
        FailureExample[] own = [.. rollout.Candidates.Where(candidate => candidate.Generated.Failure is not null).DistinctBy(candidate => candidate.Generated.Failure!.Reason)
            .Select(candidate => new FailureExample(candidate.Generated.Failure!.Reason, share.Queries[candidate.Query], Example(candidate.Generated)))];
        IEnumerable<FailureExample> all = share.Group.Size == 1 ? own
            : share.Group.Gather(JsonSerializer.SerializeToUtf8Bytes(own)).SelectMany(part => JsonSerializer.Deserialize<FailureExample[]>(part)!);
        return all.GroupBy(example => example.Reason).OrderBy(reason => reason.Key).ToDictionary(reason => reason.Key, reason => reason.MinBy(example => example.Query)!.Text);
    }

    private static string Example(GeneratedAnswer answer) => answer.Text switch
    {
        null => answer.Failure!.Detail,
        { Length: <= ShownCharacters } text => $"{answer.Failure!.Detail} It reads: {text}",
        { } text => $"{answer.Failure!.Detail} It begins: {text[..(char.IsHighSurrogate(text[ShownCharacters - 1]) ? ShownCharacters - 1 : ShownCharacters)]}",
    };

    private static double Spread(float[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }

    private sealed record FailureExample(FailedAnswerReason Reason, int Query, string Text);
}
