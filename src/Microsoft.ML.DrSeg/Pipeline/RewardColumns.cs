using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>The columns of <see cref="DistributionRankedRewardScorer"/> over one input schema.</summary>
internal sealed class RewardColumns(DataViewSchema schema, DistributionRankedRewardEstimator.Options options, DistributionRankedReward reward)
    : AnswerColumns<CandidateMetrics[], RewardColumns.Scored>(schema, [options.Candidates.FindIn(schema), options.Mask.FindIn(schema)], Added(options))
{
    // What can be measured of a mask; the others are measured of a text.
    public static readonly RewardComponent[] Components =
        [.. Enum.GetValues<RewardComponent>().Except([RewardComponent.Format, RewardComponent.LookSpan, RewardComponent.NonRepetition])];

    /// <summary>What a row gets, one value a candidate.</summary>
    internal sealed record Scored(CandidateMetrics[] Metrics, float[] Rewards)
    {
        /// <summary>1 for the highest reward; equal rewards share the mean of their places.</summary>
        public float[] Places() => [.. Rewards.Select(reward => Rewards.Count(other => other > reward) + (Rewards.Count(other => other == reward) + 1) / 2f)];

        /// <summary>One metric of every candidate; NaN for a failed one.</summary>
        public float[] Metric(RewardComponent component) => [.. Metrics.Select(metric => metric.IsFailed ? float.NaN : (float)metric[component])];
    }

    /// <summary>
    /// Reward, rank and the metrics, in this order. One slot a candidate, and named, where every query has as many; vectors
    /// without a fixed length, whose slots ML.NET cannot name, where queries differ.
    /// </summary>
    public static RowColumn<Scored>[] Added(DistributionRankedRewardEstimator.Options options)
    {
        string[] slots = [.. Enumerable.Range(0, options.CandidateCount).Select(i => $"Candidate{i}")];
        return
        [
            Of(options.RewardColumnName, row => row.Rewards),
            Of(options.RankColumnName, row => row.Places()),
            .. Components.Select(component => Of(options.MetricColumnPrefix + component, row => row.Metric(component))),
        ];

        RowColumn<Scored> Of(string name, Func<Scored, float[]> read) =>
            slots.Length > 0 ? RowColumn<Scored>.OfNumbers(name, slots, read) : RowColumn<Scored>.OfVector(name, new(NumberDataViewType.Single), read);
    }

    public override Func<CandidateMetrics[]> CreateReader(DataViewRow input)
    {
        Func<SegmentationMaskList?> candidates = RowValues.Value<SegmentationMaskList?>(input, Inputs[0]);
        Func<SegmentationMask?> mask = RowValues.Value<SegmentationMask?>(input, Inputs[1]);
        return () => Measure(candidates(), mask(), options, $"Row {input.Position}");
    }

    protected override Scored[] Answer(IReadOnlyList<CandidateMetrics[]> questions) => [.. questions.Select(metrics => Rank(metrics, reward))];

    /// <param name="row">What to call the row in errors.</param>
    internal static Scored Score(SegmentationMaskList? candidates, SegmentationMask? mask, DistributionRankedRewardEstimator.Options options, DistributionRankedReward reward, string row) =>
        Rank(Measure(candidates, mask, options, row), reward);

    private static Scored Rank(CandidateMetrics[] metrics, DistributionRankedReward reward)
    {
        var rewards = new float[metrics.Length];
        if (metrics.Length > 0)
            reward.Rank(metrics, [metrics.Length], rewards);
        return new Scored(metrics, rewards);
    }

    private static CandidateMetrics[] Measure(SegmentationMaskList? candidates, SegmentationMask? mask, DistributionRankedRewardEstimator.Options options, string row)
    {
        if (candidates is null || mask is null)
            throw new InvalidOperationException($"{row} has no value in the column '{(mask is null ? options.MaskColumnName : options.CandidatesColumnName)}'; every query needs a true mask and a list of candidates, an empty one where there are none.");
        if (options.CandidateCount > 0 && candidates.Count != options.CandidateCount)
            throw new InvalidOperationException($"{row} has {candidates.Count} candidates in the column '{options.CandidatesColumnName}', but {nameof(DistributionRankedRewardEstimator.Options.CandidateCount)} is {options.CandidateCount}; set it to 0 where queries differ.");
        var truth = new GroundTruth(mask);
        var metrics = new CandidateMetrics[candidates.Count];
        for (var i = 0; i < metrics.Length; i++)
        {
            var candidate = candidates[i];
            if (candidate is not null && (candidate.Width != mask.Width || candidate.Height != mask.Height))
                throw new InvalidOperationException($"{row}: candidate {i} is {candidate.Width} x {candidate.Height} pixels, but the true mask {mask.Width} x {mask.Height}; scale one to the other.");
            metrics[i] = candidate is null ? CandidateMetrics.Failed : CandidateMetrics.Measure(candidate, truth);
        }
        return metrics;
    }
}
