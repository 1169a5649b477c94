namespace Microsoft.ML.Data;

/// <summary>Says of an array or <see cref="VBuffer{T}"/> how many items, or which dimensions, its vectors have.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property, AllowMultiple = false, Inherited = true)]
public sealed class VectorTypeAttribute : Attribute
{
    public VectorTypeAttribute() : this([0])
    {
    }

    public VectorTypeAttribute(int size) : this([size])
    {
    }

    public VectorTypeAttribute(params int[] dimensions)
    {
        ArgumentNullException.ThrowIfNull(dimensions);
        Dimensions = dimensions;
    }

    internal int[] Dimensions { get; }
}
