using System.Globalization;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// Learns the reference distribution of a <see cref="DistributionRankedRewardScorer"/>: one window a component, filled from
/// the rows in their order, the last ones kept. Within-group ranking needs none, and then no row is read.
/// </summary>
public sealed class DistributionRankedRewardEstimator : IEstimator<DistributionRankedRewardScorer>
{
    /// <summary>Columns and reward.</summary>
    public sealed class Options
    {
        /// <summary>Input: the candidate masks of a query (<see cref="SegmentationMaskList"/>).</summary>
        public string CandidatesColumnName = "Candidates";

        /// <summary>Input: the true mask (<see cref="SegmentationMask"/>), of the candidates' size.</summary>
        public string MaskColumnName = "Mask";

        /// <summary>
        /// How many candidates every query has; the output vectors then have this length and named slots (Candidate0,
        /// Candidate1, ..), and a row with another number is an error; at most 4,096. 0 where queries differ: vectors without a fixed length.
        /// </summary>
        public int CandidateCount;

        /// <summary>Output: one reward a candidate, in [0, 1] (vector of Single).</summary>
        public string RewardColumnName = "Reward";

        /// <summary>Output: the place of each candidate, 1 for the highest reward; equal ones share the mean of their places (vector of Single).</summary>
        public string RankColumnName = "Rank";

        /// <summary>
        /// Outputs: one column for each <see cref="RewardComponent"/> that can be measured of a mask, named as the component after this prefix
        /// (vector of Single, one value a candidate, NaN for a failed one).
        /// </summary>
        public string MetricColumnPrefix = "";

        /// <summary>What is ranked against what.</summary>
        public DistributionRankedRewardSettings Reward = new();

        internal InputColumn Candidates => InputColumn.Of<SegmentationMaskList>(CandidatesColumnName, "the candidate masks");

        internal InputColumn Mask => InputColumn.Of<SegmentationMask>(MaskColumnName, "the true mask");

        internal Options Copy() => (Options)MemberwiseClone();

        internal void Validate()
        {
            OptionChecks.RequireNames(
                [(nameof(CandidatesColumnName), CandidatesColumnName), (nameof(MaskColumnName), MaskColumnName)],
                [
                    (nameof(RewardColumnName), RewardColumnName), (nameof(RankColumnName), RankColumnName),
                    .. RewardColumns.Components.Select(component => (nameof(MetricColumnPrefix), MetricColumnPrefix + component)),
                ]);
            OptionChecks.Require(CandidateCount is >= 0 and <= OptionChecks.MostTogether, nameof(CandidateCount), CandidateCount, "0 to 4,096");
        }
    }

    private readonly IHost _host;
    private readonly Options _options;

    internal DistributionRankedRewardEstimator(IHostEnvironment environment, Options? options = null)
    {
        _host = environment.Register(nameof(DistributionRankedRewardEstimator));
        _options = (options ?? new()).Copy();
        _options.Validate();
    }

    /// <summary>Learns from the candidates of all rows.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    /// <exception cref="InvalidOperationException">There is nothing to learn from, or a row is not well formed; the message names it.</exception>
    public DistributionRankedRewardScorer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var reward = new DistributionRankedReward(_options.Reward);
        var columns = new RewardColumns(input.Schema, _options, reward);
        if (reward.HasWindows)
            Learn(input, columns, reward);
        return new DistributionRankedRewardScorer(_options, reward);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        _options.Candidates.DemandOf(inputSchema);
        _options.Mask.DemandOf(inputSchema);
        return inputSchema.With(RewardColumns.Added(_options));
    }

    private void Learn(IDataView input, RewardColumns columns, DistributionRankedReward reward)
    {
        using var channel = _host.Start(nameof(Fit));
        using var cursor = input.GetRowCursor(columns.Inputs);
        var measure = columns.CreateReader(cursor);
        long rows = 0, candidates = 0, failed = 0;
        while (cursor.MoveNext())
        {
            var metrics = measure();
            reward.Learn(metrics);
            rows++;
            candidates += metrics.Length;
            failed += metrics.Count(metric => metric.IsFailed);
        }
        if (candidates == failed)
            throw new InvalidOperationException($"There is nothing to learn a reference distribution from: {rows} rows hold {candidates} candidates, of which {failed} failed.");
        channel.Info(MessageSensitivity.None, string.Create(CultureInfo.InvariantCulture,
            $"Learnt the distribution of {candidates - failed} candidates of {rows} queries; {failed} failed answers left out."));
    }
}
