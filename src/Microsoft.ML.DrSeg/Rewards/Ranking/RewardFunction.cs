namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>A reward of one's own as a function of what was measured of a candidate. Without a memory, and without a look at the other candidates; for either implement <see cref="ICandidateReward"/>.</summary>
/// <param name="rewardOf">Values a candidate that could be parsed; a failed one earns 0 without being asked about.</param>
public sealed class RewardFunction(Func<CandidateMetrics, float> rewardOf) : ICandidateReward
{
    private readonly Func<CandidateMetrics, float> _rewardOf = rewardOf ?? throw new ArgumentNullException(nameof(rewardOf));

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The function gave a reward that is not finite.</exception>
    public void Score(ReadOnlySpan<CandidateMetrics> candidates, ReadOnlySpan<int> groupSizes, Span<float> rewards)
    {
        GroupSizes.Check(groupSizes, candidates.Length, rewards.Length);
        for (var i = 0; i < candidates.Length; i++)
        {
            rewards[i] = candidates[i].IsFailed ? 0 : _rewardOf(candidates[i]);
            if (!float.IsFinite(rewards[i]))
                throw new InvalidOperationException($"The reward function gave {rewards[i]} for candidate {i}: {candidates[i]}. Rewards must be finite.");
        }
    }
}
