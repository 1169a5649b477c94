using Microsoft.ML.Transforms;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>A <see cref="GrpoSegmentationTransformer"/> in a model file of ML.NET, which finds it by its contract when it loads the file; nobody else needs it.</summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class GrpoSegmentationMapping : CustomMappingFactory<QuerySource, GrpoSegmentationMapping.Result>
{
    public const string Contract = "DrSeg.GrpoSegmentation/1";

    public override Action<QuerySource, Result> GetMapping()
    {
        var carried = new CarriedStep<GrpoSegmentationTransformer>();
        return (source, result) => result.Take(carried.Unpack(source.State).Predict(source));
    }

    /// <summary>What a row gets: see <see cref="GrpoSegmentationTrainer.Options"/>.</summary>
    public sealed class Result : AnsweredResult;
}
