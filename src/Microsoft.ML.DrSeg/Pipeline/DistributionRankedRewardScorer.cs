using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// The Distribution-Ranked Reward in a pipeline: scores the candidate masks of each row against the true mask and adds the
/// reward vector, the places and every metric. Boxes and points are those of the masks. Row by row, so it works in a
/// <see cref="PredictionEngine{TSrc, TDst}"/>; rows do not influence each other, since the reference distribution is the one
/// learnt in fitting. <c>SaveDrSeg(path)</c> saves options and learnt distribution, every number exactly.
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
    /// <exception cref="ArgumentException">The state is of a reward made of other components, or a column has no name or that of another.</exception>
    public DistributionRankedRewardScorer(DistributionRankedRewardEstimator.Options? options, IReadOnlyDictionary<RewardComponent, double[]> state)
    {
        _options = (options ?? new()).Copy();
        _options.Validate();
        _reward = new(_options.Reward);
        _reward.RestoreState(state);
    }

    /// <summary>The learnt distribution: recent values by component, oldest first; empty within the group.</summary>
    public IReadOnlyDictionary<RewardComponent, double[]> SaveState() => _reward.SaveState();

    internal override SavedStep ToSaved() => new SavedRankedReward(_options, SaveState());

    internal RewardColumns.Scored Score(SegmentationMaskList? candidates, SegmentationMask? mask, string row) =>
        RewardColumns.Score(candidates, mask, _options, _reward, row);

    private protected override AddedColumns Bind(DataViewSchema inputSchema) => new RewardColumns(inputSchema, _options, _reward);

    private protected override TransformerChain<ITransformer> ToMLNet() => RankedRewardMapping.ChainOf(this, _options);
}
