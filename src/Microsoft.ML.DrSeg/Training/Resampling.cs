using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// Replaces the queries of one step whose answers have nothing to teach, a bounded number of times (DAPO, arXiv 2503.14476). A step is
/// rewarded once: what the reward learned from the answers left out is forgotten.
/// </summary>
/// <param name="reward">The reward, before it has scored the step.</param>
/// <param name="fresh">Gives more examples; null for none.</param>
/// <param name="share">Who answers what, at first.</param>
internal sealed class Resampling(RolloutSampler sampler, ICandidateReward reward, int attempts, Func<int, IReadOnlyList<SegmentationExample>>? fresh, StepShare share)
{
    private readonly IReadOnlyDictionary<RewardComponent, double[]>? _memory = attempts > 0 ? reward.SaveState() : null;
    private int _attempts;

    public int Replaced { get; private set; }

    /// <summary>Who answers what, now.</summary>
    public StepShare Share { get; private set; } = share;

    /// <param name="rollout">This process's part of the step.</param>
    /// <returns>Whether any was replaced, so that the rollout is to be scored anew.</returns>
    public bool Replace(Rollout rollout, ScoredRollout scored)
    {
        if (fresh is null || _attempts++ >= attempts) return false;
        int[] silent = scored.Step.QueriesWithoutSignal();
        if (silent.Length == 0) return false;
        IReadOnlyList<SegmentationExample> examples = fresh(silent.Length);
        int[] own = [.. Enumerable.Range(0, silent.Length).Where(j => Share.IsOwn(silent[j]))];
        if (own.Length > 0)
            rollout.Replace([.. own.Select(j => Array.IndexOf(Share.Queries, silent[j]))], sampler.Answer([.. own.Select(j => examples[j])], rollout.Step));
        Share = Share.Replace(silent, examples);
        Replaced += silent.Length;
        reward.RestoreState(_memory!);
        return true;
    }
}
