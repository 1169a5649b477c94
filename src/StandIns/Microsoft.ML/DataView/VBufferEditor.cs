namespace Microsoft.ML.Data;

/// <summary>Makes editors that write a vector into the buffers of an old one where they are long enough.</summary>
public static class VBufferEditor
{
    /// <summary>An editor over the vector's own values, of the same length and sparsity.</summary>
    public static VBufferEditor<T> CreateFromBuffer<T>(ref VBuffer<T> destination) =>
        Create(ref destination, destination.Length, destination.Count);

    /// <param name="newLogicalLength">The length of the vector to be written.</param>
    /// <param name="valuesCount">The number of values stored; null for a dense vector.</param>
    /// <param name="maxValuesCapacity">The most values a new buffer may hold.</param>
    /// <param name="keepOldOnResize">Whether new buffers begin with the old content.</param>
    /// <param name="requireIndicesOnDense">Whether a dense vector gets a buffer of indices as well.</param>
    public static VBufferEditor<T> Create<T>(ref VBuffer<T> destination, int newLogicalLength, int? valuesCount = null, int? maxValuesCapacity = null, bool keepOldOnResize = false, bool requireIndicesOnDense = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(newLogicalLength);
        int count = valuesCount ?? newLogicalLength;
        if (count < 0 || count > newLogicalLength)
            throw new ArgumentOutOfRangeException(nameof(valuesCount), valuesCount, $"A vector of {newLogicalLength} items stores from 0 to {newLogicalLength} values.");
        int capacity = maxValuesCapacity ?? newLogicalLength;

        T[] values = destination.RawValues;
        bool newValues = EnsureLength(ref values, count, capacity, keepOldOnResize);
        int[] indices = destination.RawIndices;
        bool newIndices = (count < newLogicalLength || requireIndicesOnDense) && EnsureLength(ref indices, count, capacity, keepOldOnResize);
        return new VBufferEditor<T>(newLogicalLength, count, values, indices, newValues, newIndices, requireIndicesOnDense);
    }

    private static bool EnsureLength<TItem>(ref TItem[] buffer, int count, int capacity, bool keepOld)
    {
        if (buffer?.Length >= count || (buffer == null && count == 0))
            return false;
        int length = Math.Max(count, (int)Math.Min(capacity, 2L * (buffer?.Length ?? 0)));
        if (keepOld)
            Array.Resize(ref buffer, length);
        else
            buffer = new TItem[length];
        return true;
    }
}
