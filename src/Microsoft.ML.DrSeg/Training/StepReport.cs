using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>Puts together what a step measured.</summary>
internal static class StepReport
{
    // Of an answer's text, in an example of a failure: enough to see what the policy writes.
    private const int ShownCharacters = 300;

    /// <param name="clock">The step's time, read now.</param>
    public static GrpoStepMetrics Of(Rollout rollout, ScoredRollout scored, UpdateFigures learned, int resampledQueries, int steps, StepClock clock)
    {
        // Means are taken look by look: in another order their last bits would differ from those of earlier runs.
        int[] places = [.. rollout.Order.Places.SelectMany(look => look)];
        float[] rewards = [.. places.Select(i => scored.Rewards[i])];
        CandidateMetrics[] measured = [.. places.Select(i => scored.Measured[i])];
        int tokens = rollout.Candidates.Sum(candidate => candidate.Generated.Tokens.Length);
        IGrouping<FailedAnswerReason, GeneratedAnswer>[] failed =
            [.. rollout.Candidates.Select(candidate => candidate.Generated).Where(answer => answer.Failure is not null).GroupBy(answer => answer.Failure!.Reason).OrderBy(reason => reason.Key)];
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
            FailureExamples = failed.ToDictionary(reason => reason.Key, reason => Example(reason.First())),
            OverlongShare = rollout.Candidates.Average(candidate => candidate.Generated.Ended ? 0.0 : 1.0),
            GroupsWithoutSpread = (double)scored.GroupsWithoutSpread / rollout.Order.PromptSizes.Length,
            ResampledQueries = resampledQueries,
            SecondLookShare = rollout.SecondLookShare,
            Loss = learned.First.Loss,
            Divergence = learned.First.Divergence,
            ClippedShare = learned.Last.ClippedShare,
            RatioGap = learned.First.RatioGap,
            Entropy = learned.First.Entropy,
            GradientNorm = learned.GradientNorm,
            LearningRate = learned.LearningRate,
            AnswerLength = (double)tokens / rollout.Candidates.Count,
            RewardDiagnostics = scored.Diagnostics,
            Timing = clock.Read(tokens),
        };
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
}
