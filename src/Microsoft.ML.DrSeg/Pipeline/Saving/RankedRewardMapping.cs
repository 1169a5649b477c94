using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.Transforms;
using static Microsoft.ML.DrSeg.Pipeline.EquivalentChain;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// A <see cref="DistributionRankedRewardScorer"/> in a model file of ML.NET, which finds it by its contract when it loads the
/// file; nobody else needs it. Its vectors are of no fixed length there and their slots have no names.
/// </summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class RankedRewardMapping : CustomMappingFactory<RankedRewardMapping.Source, RankedRewardMapping.Result>
{
    public const string Contract = "DrSeg.DistributionRankedReward/1";

    public override Action<Source, Result> GetMapping()
    {
        var carried = new CarriedStep<DistributionRankedRewardScorer>();
        return (source, result) =>
        {
            RewardColumns.Scored scored = carried.Unpack(source.State).Score(source.Candidates, source.Mask, "A row");
            result.Reward = scored.Rewards;
            result.Rank = scored.Places();
            result.MaskIoU = scored.Metric(RewardComponent.MaskIoU);
            result.Dice = scored.Metric(RewardComponent.Dice);
            result.AveragePrecision = scored.Metric(RewardComponent.AveragePrecision);
            result.BoxIoU = scored.Metric(RewardComponent.BoxIoU);
            result.PointScore = scored.Metric(RewardComponent.PointScore);
            result.CountScore = scored.Metric(RewardComponent.CountScore);
            result.BoundaryIoU = scored.Metric(RewardComponent.BoundaryIoU);
            result.BoxL1Score = scored.Metric(RewardComponent.BoxL1Score);
        };
    }

    internal static TransformerChain<ITransformer> ChainOf(DistributionRankedRewardScorer step, DistributionRankedRewardEstimator.Options options) => OverMask(
        new RankedRewardMapping(), Contract, CarriedStep<DistributionRankedRewardScorer>.Pack(step),
        [(nameof(Source.Candidates), options.CandidatesColumnName), (nameof(Source.Mask), options.MaskColumnName)],
        [
            (nameof(Result.Reward), options.RewardColumnName), (nameof(Result.Rank), options.RankColumnName),
            .. RewardColumns.Components.Select(component => (component.ToString(), options.MetricColumnPrefix + component)),
        ]);

    /// <summary>What a row brings.</summary>
    public sealed class Source
    {
        [ColumnName(Prefix + nameof(Candidates))]
        [SegmentationMaskListType]
        public SegmentationMaskList? Candidates { get; set; }

        [ColumnName(Prefix + nameof(Mask))]
        [SegmentationMaskType]
        public SegmentationMask? Mask { get; set; }

        [ColumnName(EquivalentChain.State)]
        public VBuffer<byte> State { get; set; }
    }

    /// <summary>What a row gets, one value a candidate: see <see cref="DistributionRankedRewardEstimator.Options"/>.</summary>
    public sealed class Result
    {
        [ColumnName(Prefix + nameof(Reward))]
        public float[] Reward { get; set; } = [];

        [ColumnName(Prefix + nameof(Rank))]
        public float[] Rank { get; set; } = [];

        [ColumnName(Prefix + nameof(MaskIoU))]
        public float[] MaskIoU { get; set; } = [];

        [ColumnName(Prefix + nameof(Dice))]
        public float[] Dice { get; set; } = [];

        [ColumnName(Prefix + nameof(AveragePrecision))]
        public float[] AveragePrecision { get; set; } = [];

        [ColumnName(Prefix + nameof(BoxIoU))]
        public float[] BoxIoU { get; set; } = [];

        [ColumnName(Prefix + nameof(PointScore))]
        public float[] PointScore { get; set; } = [];

        [ColumnName(Prefix + nameof(CountScore))]
        public float[] CountScore { get; set; } = [];

        [ColumnName(Prefix + nameof(BoundaryIoU))]
        public float[] BoundaryIoU { get; set; } = [];

        [ColumnName(Prefix + nameof(BoxL1Score))]
        public float[] BoxL1Score { get; set; } = [];
    }
}

/// <summary>Gives every row the text that a saved step's state is looked up by. ML.NET finds it by its contract when it loads a model file; nobody else needs it.</summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class MaskKeyMapping : CustomMappingFactory<MaskKeyMapping.Source, MaskKeyMapping.Result>
{
    public const string Contract = "DrSeg.MaskKey/1";

    public override Action<Source, Result> GetMapping() => (_, result) => result.Key = EquivalentChain.KeyText;

    /// <summary>What a row brings.</summary>
    public sealed class Source
    {
        /// <summary>The true mask, only because a mapping must read something.</summary>
        [ColumnName(EquivalentChain.Prefix + nameof(Mask))]
        [SegmentationMaskType]
        public SegmentationMask? Mask { get; set; }
    }

    /// <summary>What a row gets.</summary>
    public sealed class Result
    {
        [ColumnName(EquivalentChain.Key)]
        public string Key { get; set; } = "";
    }
}
