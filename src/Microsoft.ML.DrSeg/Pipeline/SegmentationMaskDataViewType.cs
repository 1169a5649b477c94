using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>The type of columns whose values are <see cref="SegmentationMask"/>s.</summary>
public sealed class SegmentationMaskDataViewType : StructuredDataViewType
{
    /// <summary>The one instance: masks of all sizes have the same column type.</summary>
    public static SegmentationMaskDataViewType Instance { get; } = new();

    private SegmentationMaskDataViewType()
        : base(typeof(SegmentationMask))
    {
    }

    /// <inheritdoc/>
    public override bool Equals(DataViewType? other) => other is SegmentationMaskDataViewType;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DataViewType);

    /// <inheritdoc/>
    public override int GetHashCode() => typeof(SegmentationMaskDataViewType).GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => nameof(SegmentationMask);
}

/// <summary>The type of columns whose values are <see cref="SegmentationMaskList"/>s.</summary>
public sealed class SegmentationMaskListDataViewType : StructuredDataViewType
{
    /// <summary>The one instance: lists of all lengths have the same column type.</summary>
    public static SegmentationMaskListDataViewType Instance { get; } = new();

    private SegmentationMaskListDataViewType()
        : base(typeof(SegmentationMaskList))
    {
    }

    /// <inheritdoc/>
    public override bool Equals(DataViewType? other) => other is SegmentationMaskListDataViewType;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DataViewType);

    /// <inheritdoc/>
    public override int GetHashCode() => typeof(SegmentationMaskListDataViewType).GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => nameof(SegmentationMaskList);
}
