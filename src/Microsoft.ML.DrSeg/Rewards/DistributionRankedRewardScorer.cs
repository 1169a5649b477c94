using Microsoft.ML.DrSeg.Pipeline;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// The Distribution-Ranked Reward in a pipeline: scores the candidate masks of each row against the true mask and adds the
/// reward vector, the places and every metric. Boxes and points are those of the masks. Row by row, so it works in a
/// <see cref="PredictionEngine{TSrc, TDst}"/>; rows do not influence each other, since the reference distribution is the one
/// learnt in fitting.
/// </summary>
public sealed class DistributionRankedRewardScorer : RowTransformer
{
    private readonly DistributionRankedRewardEstimator.Options _options;
    private readonly DistributionRankedReward _reward;

    internal DistributionRankedRewardScorer(DistributionRankedRewardEstimator.Options options, DistributionRankedReward reward) =>
        (_options, _reward) = (options, reward);

    /// <summary>Puts a scorer together again from its options and a saved distribution.</summary>
    /// <param name="options">The options it was made with; null for the defaults.</param>
    /// <param name="state">What <see cref="SaveState"/> gave.</param>
    /// <exception cref="ArgumentException">The state is of a reward made of other components.</exception>
    public DistributionRankedRewardScorer(DistributionRankedRewardEstimator.Options? options, IReadOnlyDictionary<RewardComponent, double[]> state)
    {
        _options = options ?? new();
        _reward = new(_options.Reward);
        _reward.RestoreState(state);
    }

    /// <summary>The learnt distribution: recent values by component, oldest first; empty within the group.</summary>
    public IReadOnlyDictionary<RewardComponent, double[]> SaveState() => _reward.SaveState();

    /// <summary>Writes options and learnt distribution into a file (JSON; every number exactly). Replaces the file whole or not at all.</summary>
    /// <exception cref="IOException">The file could not be written.</exception>
    public void Save(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        RewardScorerFile.Write(path, _options, SaveState());
    }

    /// <summary>Reads a scorer that <see cref="Save"/> wrote; it scores bit for bit as the one saved.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not the file of a scorer, or damaged.</exception>
    public static DistributionRankedRewardScorer Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return RewardScorerFile.Read(path);
    }

    private protected override AddedColumns Bind(DataViewSchema inputSchema) => new RewardColumns(inputSchema, _options, _reward);

    private protected override string HowToSave => $"Use {nameof(Save)}(path) and {nameof(Load)}(path).";
}
