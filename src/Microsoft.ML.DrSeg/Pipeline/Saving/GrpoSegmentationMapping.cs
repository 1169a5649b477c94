using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.Transforms;
using static Microsoft.ML.DrSeg.Pipeline.EquivalentChain;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>A <see cref="GrpoSegmentationTransformer"/> in a model file of ML.NET, which finds it by its contract when it loads the file; nobody else needs it.</summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class GrpoSegmentationMapping : CustomMappingFactory<QuerySource, GrpoSegmentationMapping.Result>
{
    public const string Contract = "DrSeg.GrpoSegmentation/1";

    public override Action<QuerySource, Result> GetMapping()
    {
        var carried = new CarriedStep<GrpoSegmentationTransformer>();
        return (source, result) =>
        {
            AnsweredRow predicted = carried.Unpack(source.State).Predict(source);
            result.PredictedMask = predicted.Mask;
            result.PredictedBox = predicted.Box;
            result.PredictedPoint = predicted.Point;
            result.Answer = predicted.Text;
            result.Score = predicted.Score;
        };
    }

    /// <summary>What a row gets: see <see cref="GrpoSegmentationTrainer.Options"/>.</summary>
    public sealed class Result
    {
        [ColumnName(Prefix + nameof(PredictedMask))]
        [SegmentationMaskType]
        public SegmentationMask? PredictedMask { get; set; }

        [ColumnName(Prefix + nameof(PredictedBox))]
        [VectorType(4)]
        public float[] PredictedBox { get; set; } = [];

        [ColumnName(Prefix + nameof(PredictedPoint))]
        [VectorType(2)]
        public float[] PredictedPoint { get; set; } = [];

        [ColumnName(Prefix + nameof(Answer))]
        public string Answer { get; set; } = "";

        [ColumnName(Prefix + nameof(Score))]
        public float Score { get; set; }
    }
}
