using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>What the answers of a rollout are worth, in their order, and what the whole step gave, of which it may be a part.</summary>
/// <param name="Rewards">What each earned.</param>
/// <param name="Advantages">How much better each is than the other answers to its prompt.</param>
internal sealed record ScoredRollout(float[] Rewards, float[] Advantages, ScoredStep Step)
{
    /// <summary>
    /// Measures all answers against the truth, has them rewarded, and compares those to each prompt. Every process rewards the whole step:
    /// so rank and window are those of all answers, and a reward with a memory remembers the same everywhere.
    /// </summary>
    public static ScoredRollout Of(Rollout rollout, StepShare share, ICandidateReward reward, AdvantageScaling scaling)
    {
        MeasuredAnswer[] own = Measure(rollout, share);
        // The sort is stable: a query's answers, all of one process, keep their order.
        MeasuredAnswer[] answers = share.Group.Size == 1 ? own : [.. share.Group.GatherValues<MeasuredAnswer>(own).SelectMany(part => part).OrderBy(answer => answer.Query)];
        var step = ScoredStep.Of(answers, share.Examples, rollout.Step, reward, scaling);
        if (share.Group.Size == 1) return new ScoredRollout(step.Rewards, step.Advantages, step);
        int[] places = [.. Enumerable.Range(0, answers.Length).Where(i => share.IsOwn(answers[i].Query))];
        return new ScoredRollout([.. places.Select(i => step.Rewards[i])], [.. places.Select(i => step.Advantages[i])], step);
    }

    private static MeasuredAnswer[] Measure(Rollout rollout, StepShare share)
    {
        GroundTruth[] truths = [.. rollout.Examples.Select(example => new GroundTruth(example.Mask, example.Objects))];
        var measured = new MeasuredAnswer[rollout.Candidates.Count];
        Parallel.For(0, measured.Length, i =>
        {
            (int query, GeneratedAnswer generated, SegmentationMask? mask) = rollout.Candidates[i];
            CandidateOrder.Origin origin = rollout.Order.Origins[i];
            measured[i] = new MeasuredAnswer(
                CandidateMetrics.Measure(generated, mask, truths[query]), share.Queries[query], origin.Prompt, origin.Look, origin.View,
                generated.Tokens.Length, generated.Ended, generated.Failure?.Reason);
        });
        return measured;
    }
}
