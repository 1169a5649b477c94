using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>What the answers of a rollout are worth, in their order.</summary>
/// <param name="Advantages">How much better each is than the other answers to its prompt.</param>
/// <param name="GroupsWithoutSpread">Prompts whose answers all earned the same.</param>
/// <param name="Diagnostics">What the reward did; null where it does not tell.</param>
internal sealed record ScoredRollout(CandidateMetrics[] Measured, float[] Rewards, float[] Advantages, int GroupsWithoutSpread, RewardDiagnostics? Diagnostics)
{
    public static ScoredRollout WithAdvantages(Rollout rollout, CandidateMetrics[] measured, RankedRewards ranked, AdvantageScaling scaling)
    {
        var advantages = new float[measured.Length];
        int withoutSpread = GroupAdvantages.Compute(ranked.Rewards, rollout.Order.PromptSizes, scaling, advantages);
        return new ScoredRollout(measured, ranked.Rewards, advantages, withoutSpread, ranked.Diagnostics);
    }

    /// <summary>Queries none of whose answers is better or worse than another to the same prompt.</summary>
    public int[] QueriesWithoutSignal(Rollout rollout) =>
        [.. rollout.Candidates.Zip(Advantages).GroupBy(pair => pair.First.Query, pair => pair.Second)
            .Where(query => query.All(advantage => advantage == 0)).Select(query => query.Key)];
}
