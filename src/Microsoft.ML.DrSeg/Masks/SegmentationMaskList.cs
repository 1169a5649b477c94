using Microsoft.ML.Data;

namespace Microsoft.ML.DrSeg.Masks;

/// <summary>Several masks of one row as one value of a column: the candidates of a query, or the objects that it asks for.</summary>
/// <param name="masks">The masks in their order; a null stands for an answer that failed, or for an object of which only a box is known.</param>
public sealed class SegmentationMaskList(IEnumerable<SegmentationMask?> masks) : List<SegmentationMask?>(masks);

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
