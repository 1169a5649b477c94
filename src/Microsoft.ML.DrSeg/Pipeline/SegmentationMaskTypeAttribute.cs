using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>Says that a <see cref="SegmentationMask"/> member of a row class is a column of masks.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class SegmentationMaskTypeAttribute : DataViewTypeAttribute
{
    /// <inheritdoc/>
    public override void Register() => DataViewTypeManager.Register(SegmentationMaskDataViewType.Instance, typeof(SegmentationMask), this);

    /// <inheritdoc/>
    public override bool Equals(DataViewTypeAttribute? other) => other is SegmentationMaskTypeAttribute;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DataViewTypeAttribute);

    /// <inheritdoc/>
    public override int GetHashCode() => typeof(SegmentationMaskTypeAttribute).GetHashCode();
}

/// <summary>Says that a <see cref="SegmentationMaskList"/> member of a row class is a column of lists of masks.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class SegmentationMaskListTypeAttribute : DataViewTypeAttribute
{
    /// <inheritdoc/>
    public override void Register() => DataViewTypeManager.Register(SegmentationMaskListDataViewType.Instance, typeof(SegmentationMaskList), this);

    /// <inheritdoc/>
    public override bool Equals(DataViewTypeAttribute? other) => other is SegmentationMaskListTypeAttribute;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DataViewTypeAttribute);

    /// <inheritdoc/>
    public override int GetHashCode() => typeof(SegmentationMaskListTypeAttribute).GetHashCode();
}
