namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>Turns the measured candidates of one training step into the rewards that the optimiser sees.</summary>
public interface ICandidateReward
{
    /// <summary>
    /// Rewards all candidates of one step, and learns from them where the reward has a memory; so call it once a step.
    /// </summary>
    /// <param name="candidates">The candidates, group after group.</param>
    /// <param name="groupSizes">How many candidates each group (the answers to one query) has; their sum is the number of candidates.</param>
    /// <param name="rewards">
    /// Receives one reward a candidate; in [0, 1] and exactly 0 for a failed one, except where normalised rivals of the
    /// ranked reward are asked for (<see cref="RewardCombination"/>).
    /// </param>
    /// <exception cref="ArgumentException">Lengths do not agree, or a metric is not finite.</exception>
    void Score(ReadOnlySpan<CandidateMetrics> candidates, ReadOnlySpan<int> groupSizes, Span<float> rewards);

    /// <summary>Explains the step that was scored last; null where the reward has nothing to tell.</summary>
    /// <param name="candidates">The candidates that were scored.</param>
    /// <param name="groupSizes">Their groups.</param>
    RewardDiagnostics? Diagnose(ReadOnlySpan<CandidateMetrics> candidates, ReadOnlySpan<int> groupSizes) => null;

    /// <summary>What the reward remembers between steps, oldest value first, by component; empty where it has no memory, as by default.</summary>
    IReadOnlyDictionary<RewardComponent, double[]> SaveState() => new Dictionary<RewardComponent, double[]>();

    /// <summary>Puts a saved state back, so that the next step is rewarded bit for bit as if nothing had happened.</summary>
    /// <exception cref="ArgumentException">The state is of a reward made of other components.</exception>
    void RestoreState(IReadOnlyDictionary<RewardComponent, double[]> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Count > 0)
            throw new ArgumentException($"The state remembers {string.Join(", ", state.Keys)}, but a {GetType().Name} has no memory; it was saved by another reward.", nameof(state));
    }
}
