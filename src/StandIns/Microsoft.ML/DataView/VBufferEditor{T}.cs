namespace Microsoft.ML.Data;

/// <summary>A vector being written. Nothing is read from it before <see cref="Commit"/>.</summary>
public readonly ref struct VBufferEditor<T>
{
    private readonly int _length;
    private readonly T[] _values;
    private readonly int[] _indices;

    /// <summary>The values to write.</summary>
    public readonly Span<T> Values;

    /// <summary>Their indices; empty for a dense vector.</summary>
    public readonly Span<int> Indices;

    internal VBufferEditor(int length, int count, T[] values, int[] indices, bool createdNewValues, bool createdNewIndices, bool indicesOnDense)
    {
        (_length, _values, _indices) = (length, values, indices);
        Values = values.AsSpan(0, count);
        Indices = count < length || indicesOnDense ? indices.AsSpan(0, count) : default;
        (CreatedNewValues, CreatedNewIndices) = (createdNewValues, createdNewIndices);
    }

    public bool CreatedNewValues { get; }

    public bool CreatedNewIndices { get; }

    /// <summary>The vector written. The caller stores it in the place the editor was made for.</summary>
    public VBuffer<T> Commit() => new(_length, Values.Length, _values, _indices);
}
