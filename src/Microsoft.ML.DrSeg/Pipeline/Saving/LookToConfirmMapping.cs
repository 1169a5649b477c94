using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.Transforms;
using static Microsoft.ML.DrSeg.Pipeline.EquivalentChain;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>A <see cref="LookToConfirmTransformer"/> in a model file of ML.NET, which finds it by its contract when it loads the file; nobody else needs it.</summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class LookToConfirmMapping : CustomMappingFactory<QuerySource, LookToConfirmMapping.Result>
{
    public const string Contract = "DrSeg.LookToConfirm/1";

    public override Action<QuerySource, Result> GetMapping()
    {
        var carried = new CarriedStep<LookToConfirmTransformer>();
        return (source, result) =>
        {
            LookToConfirmColumns.Predicted predicted = carried.Unpack(source.State).Predict(source);
            result.Take(predicted.Answer);
            result.FirstMask = predicted.First.Mask;
            result.FirstAnswer = predicted.First.Text;
            result.FirstScore = predicted.First.Score;
            result.Confidence = predicted.Confidence;
            result.ConfidenceMap = predicted.Map;
            result.ConfidenceRegion = predicted.Region;
            result.SecondLook = predicted.LookedAgain;
            result.Hypotheses = predicted.Hypotheses;
        };
    }

    /// <summary>What a row gets: see <see cref="LookToConfirmEstimator.Options"/>.</summary>
    public sealed class Result : AnsweredResult
    {
        [ColumnName(Prefix + nameof(FirstMask))]
        [SegmentationMaskType]
        public SegmentationMask? FirstMask { get; set; }

        [ColumnName(Prefix + nameof(FirstAnswer))]
        public string FirstAnswer { get; set; } = "";

        [ColumnName(Prefix + nameof(FirstScore))]
        public float FirstScore { get; set; }

        [ColumnName(Prefix + nameof(Confidence))]
        public float Confidence { get; set; }

        /// <summary>How plausible it is where. The model decides how long the vector is, so that its type does not say.</summary>
        [ColumnName(Prefix + nameof(ConfidenceMap))]
        public float[] ConfidenceMap { get; set; } = [];

        [ColumnName(Prefix + nameof(ConfidenceRegion))]
        [VectorType(4)]
        public float[] ConfidenceRegion { get; set; } = [];

        [ColumnName(Prefix + nameof(SecondLook))]
        public bool SecondLook { get; set; }

        [ColumnName(Prefix + nameof(Hypotheses))]
        public int Hypotheses { get; set; }
    }
}
