using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.DrSeg.Pipeline;

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
