using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>What the answers of a rollout are worth, in their order.</summary>
/// <param name="Advantages">How much better each is than the other answers to its prompt.</param>
/// <param name="GroupsWithoutSpread">Prompts whose answers all earned the same.</param>
/// <param name="Diagnostics">What the reward did; null where it does not tell.</param>
internal sealed record ScoredRollout(CandidateMetrics[] Measured, float[] Rewards, float[] Advantages, int GroupsWithoutSpread, RewardDiagnostics? Diagnostics)
{
    /// <summary>Measures all answers against the truth, has them rewarded, and compares those to each prompt.</summary>
    public static ScoredRollout Of(Rollout rollout, ICandidateReward reward, AdvantageScaling scaling)
    {
        CandidateMetrics[] measured = Measure(rollout);
        (float[] rewards, RewardDiagnostics? diagnostics) = Ask(reward, rollout, measured);
        var advantages = new float[measured.Length];
        int withoutSpread = GroupAdvantages.Compute(rewards, rollout.Order.PromptSizes, scaling, advantages);
        return new ScoredRollout(measured, rewards, advantages, withoutSpread, diagnostics);
    }

    /// <summary>Queries none of whose answers is better or worse than another to the same prompt.</summary>
    public int[] QueriesWithoutSignal(Rollout rollout) =>
        [.. rollout.Candidates.Zip(Advantages).GroupBy(pair => pair.First.Query, pair => pair.Second)
            .Where(query => query.All(advantage => advantage == 0)).Select(query => query.Key)];

    private static CandidateMetrics[] Measure(Rollout rollout)
    {
        GroundTruth[] truths = [.. rollout.Examples.Select(example => new GroundTruth(example.Mask, example.Objects))];
        var measured = new CandidateMetrics[rollout.Candidates.Count];
        Parallel.For(0, measured.Length, i =>
        {
            (int query, GeneratedAnswer generated, SegmentationMask? mask) = rollout.Candidates[i];
            measured[i] = CandidateMetrics.Measure(generated, mask, truths[query]);
        });
        return measured;
    }

    // Anyone may bring a reward: where it fails, or leaves out an answer, the error names step and example.
    private static (float[] Rewards, RewardDiagnostics? Diagnostics) Ask(ICandidateReward reward, Rollout rollout, CandidateMetrics[] measured)
    {
        string name = $"The reward {reward.GetType().Name}";
        var rewards = new float[measured.Length];
        // What the reward leaves out stays NaN and is found.
        Array.Fill(rewards, float.NaN);
        RewardDiagnostics? diagnostics;
        try
        {
            reward.Score(measured, rollout.Order.QuerySizes, rewards);
            diagnostics = reward.Diagnose(measured, rollout.Order.QuerySizes);
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"{name} failed at {rollout.Place()}: {error.Message} Mend the reward; the weights are those of the step before.", error);
        }
        int unrewarded = Array.FindIndex(rewards, value => !float.IsFinite(value));
        if (unrewarded >= 0)
        {
            SegmentationExample example = rollout.Examples[rollout.Candidates[unrewarded].Query];
            throw new InvalidOperationException($"{name} gave {rewards[unrewarded]} to an answer to example {example.Id} ('{example.Query}') at {rollout.Place()}; every candidate needs a finite reward. Mend the reward; the weights are those of the step before.");
        }
        return (rewards, diagnostics);
    }
}
