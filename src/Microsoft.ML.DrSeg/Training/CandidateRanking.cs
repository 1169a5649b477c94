using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>Asks the reward, which anyone may bring, and names step and example where it fails.</summary>
internal sealed class CandidateRanking(ICandidateReward reward)
{
    private string Name => $"The reward {reward.GetType().Name}";

    /// <summary>Rewards all answers of a rollout, those to a query beside each other; once a step, as the reward may learn from it.</summary>
    public RankedRewards Rank(Rollout rollout, CandidateMetrics[] measured)
    {
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
            throw new InvalidOperationException($"{Name} failed at {rollout.Place()}: {error.Message} Mend the reward; the weights are those of the step before.", error);
        }
        int unrewarded = Array.FindIndex(rewards, value => !float.IsFinite(value));
        if (unrewarded >= 0)
        {
            SegmentationExample example = rollout.Examples[rollout.Candidates[unrewarded].Query];
            throw new InvalidOperationException($"{Name} gave {rewards[unrewarded]} to an answer to example {example.Id} ('{example.Query}') at {rollout.Place()}; every candidate needs a finite reward. Mend the reward; the weights are those of the step before.");
        }
        return new RankedRewards(rewards, diagnostics);
    }
}

/// <summary>What a reward gave.</summary>
/// <param name="Rewards">One an answer, all of them finite.</param>
/// <param name="Diagnostics">What it did; null where it does not tell.</param>
internal readonly record struct RankedRewards(float[] Rewards, RewardDiagnostics? Diagnostics);
