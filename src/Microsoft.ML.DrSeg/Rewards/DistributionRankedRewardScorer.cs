using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Pipeline;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// The Distribution-Ranked Reward in a pipeline: scores the candidate masks of each row against the true mask and adds the
/// reward vector, the places and every metric. Boxes and points are those of the masks. Row by row, so it works in a
/// <see cref="PredictionEngine{TSrc, TDst}"/>; rows do not influence each other, since the reference distribution is the one
/// learnt in fitting.
/// </summary>
public sealed class DistributionRankedRewardScorer : ITransformer
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

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Bind(inputSchema).OutputSchema;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new AddedColumnsView(input, Bind(input.Schema));
    }

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => Bind(inputSchema);

    /// <summary>Not offered: ML.NET's model files drop columns of masks.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException(
        $"{nameof(DistributionRankedRewardScorer)} cannot be part of an ML.NET model file, which drops columns of masks. Keep what {nameof(SaveState)}() returns and construct the scorer from it.");

    private AddedColumnsMapper Bind(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new(inputSchema, new RewardColumns(inputSchema, _options, _reward));
    }
}
