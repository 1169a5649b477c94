using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.Pipeline;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>The columns of <see cref="DistributionRankedRewardScorer"/> over one input schema.</summary>
internal sealed class RewardColumns : AddedColumns
{
    public const string CandidatesPurpose = "the candidate masks";
    public const string MaskPurpose = "the true mask";

    // What can be measured of a mask; the others are measured of a text.
    private static readonly RewardComponent[] Components =
        [.. Enum.GetValues<RewardComponent>().Except([RewardComponent.Format, RewardComponent.LookSpan, RewardComponent.NonRepetition])];

    private readonly DataViewSchema.Column _candidates, _mask;
    private readonly DistributionRankedReward _reward;
    private readonly int _candidateCount;

    public RewardColumns(DataViewSchema schema, DistributionRankedRewardEstimator.Options options, DistributionRankedReward reward)
    {
        _candidates = Find<SegmentationMaskList>(schema, options.CandidatesColumnName, CandidatesPurpose);
        _mask = Find<SegmentationMask>(schema, options.MaskColumnName, MaskPurpose);
        _reward = reward;
        _candidateCount = options.CandidateCount;
        Inputs = [_candidates, _mask];
        Outputs = Added(options);
    }

    public override IReadOnlyList<DataViewSchema.Column> Inputs { get; }

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; }

    /// <summary>
    /// Reward, rank and the metrics, in this order. One slot a candidate, and named, where every query has as many; vectors
    /// without a fixed length, whose slots ML.NET cannot name, where queries differ.
    /// </summary>
    public static DataViewSchema.DetachedColumn[] Added(DistributionRankedRewardEstimator.Options options)
    {
        var count = options.CandidateCount;
        var type = count > 0 ? new VectorDataViewType(NumberDataViewType.Single, count) : new VectorDataViewType(NumberDataViewType.Single);
        var slots = count > 0 ? SlotNames(count) : null;
        string[] names = [options.RewardColumnName, options.RankColumnName, .. Components.Select(component => options.MetricColumnPrefix + component)];
        return [.. names.Select(name => new DataViewSchema.DetachedColumn(name, type, slots))];
    }

    private static DataViewSchema.Annotations SlotNames(int count)
    {
        ReadOnlyMemory<char>[] names = [.. Enumerable.Range(0, count).Select(i => $"Candidate{i}".AsMemory())];
        var builder = new DataViewSchema.Annotations.Builder();
        builder.Add("SlotNames", new VectorDataViewType(TextDataViewType.Instance, count), (ref VBuffer<ReadOnlyMemory<char>> value) =>
        {
            var editor = VBufferEditor.Create(ref value, count);
            names.CopyTo(editor.Values);
            value = editor.Commit();
        });
        return builder.ToAnnotations();
    }

    /// <summary>The metrics of the candidates of whatever row the input is at.</summary>
    public Func<CandidateMetrics[]> CreateMeasure(DataViewRow input)
    {
        var candidatesGetter = input.GetGetter<SegmentationMaskList>(_candidates);
        var maskGetter = input.GetGetter<SegmentationMask>(_mask);
        SegmentationMaskList? candidates = null;
        SegmentationMask? mask = null;
        return () =>
        {
            candidatesGetter(ref candidates!);
            maskGetter(ref mask!);
            if (candidates is null || mask is null)
                throw new InvalidOperationException($"Row {input.Position} has no value in the column '{(mask is null ? _mask : _candidates).Name}'; every query needs a true mask and a list of candidates, an empty one where there are none.");
            if (_candidateCount > 0 && candidates.Count != _candidateCount)
                throw new InvalidOperationException($"Row {input.Position} has {candidates.Count} candidates in the column '{_candidates.Name}', but {nameof(DistributionRankedRewardEstimator.Options.CandidateCount)} is {_candidateCount}; set it to 0 where queries differ.");
            return Measure(candidates, new GroundTruth(mask), input.Position);
        };
    }

    public override Delegate[] CreateGetters(DataViewRow input)
    {
        var measure = CreateMeasure(input);
        var row = new PerRow<(CandidateMetrics[] Metrics, float[] Rewards)>(input, () =>
        {
            var metrics = measure();
            var rewards = new float[metrics.Length];
            if (metrics.Length > 0)
                _reward.Rank(metrics, [metrics.Length], rewards);
            return (metrics, rewards);
        });
        return
        [
            Getter(i => row.Value.Rewards[i]),
            Getter(i => Place(row.Value.Rewards, i)),
            .. Components.Select(component => Getter(i => row.Value.Metrics[i].IsFailed ? float.NaN : (float)row.Value.Metrics[i][component])),
        ];

        ValueGetter<VBuffer<float>> Getter(Func<int, float> valueOf) => (ref VBuffer<float> destination) =>
        {
            var count = row.Value.Metrics.Length;
            var editor = VBufferEditor.Create(ref destination, count);
            for (var i = 0; i < count; i++)
                editor.Values[i] = valueOf(i);
            destination = editor.Commit();
        };
    }

    private static CandidateMetrics[] Measure(SegmentationMaskList candidates, GroundTruth truth, long row)
    {
        var metrics = new CandidateMetrics[candidates.Count];
        for (var i = 0; i < metrics.Length; i++)
        {
            var candidate = candidates[i];
            if (candidate is not null && (candidate.Width != truth.Mask.Width || candidate.Height != truth.Mask.Height))
                throw new InvalidOperationException($"Row {row}: candidate {i} is {candidate.Width} x {candidate.Height} pixels, but the true mask {truth.Mask.Width} x {truth.Mask.Height}; scale one to the other.");
            metrics[i] = candidate is null
                ? CandidateMetrics.Failed
                : CandidateMetrics.Measure(candidate, candidate.Box, candidate.InteriorPoint, truth);
        }
        return metrics;
    }

    /// <summary>1 for the highest reward; equal rewards share the mean of their places.</summary>
    private static float Place(float[] rewards, int candidate)
    {
        int better = 0, equal = 0;
        foreach (var reward in rewards)
        {
            if (reward > rewards[candidate])
                better++;
            else if (reward == rewards[candidate])
                equal++;
        }
        return better + (equal + 1) / 2f;
    }
}
