using System.Collections;

namespace Microsoft.ML.Data;

/// <summary>
/// A vector, dense or sparse, over buffers that may be longer than the vector and are used again for the next row.
/// Sparse: the values at the ascending indices; all others are default(T).
/// </summary>
public readonly struct VBuffer<T> : IEnumerable
{
    internal readonly T[] RawValues;
    internal readonly int[] RawIndices;
    internal readonly int Count;

    /// <summary>The number of items, those not stored included.</summary>
    public readonly int Length;

    /// <summary>A dense vector of the first values; the indices are only kept as a buffer.</summary>
    public VBuffer(int length, T[] values, int[] indices = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if ((values?.Length ?? 0) < length)
            throw new ArgumentOutOfRangeException(nameof(values), $"A dense vector of {length} items needs as many values, not {values?.Length ?? 0}.");
        (Length, Count, RawValues, RawIndices) = (length, length, values, indices);
    }

    /// <summary>A sparse vector with count stored values; a dense one where count is the length.</summary>
    public VBuffer(int length, int count, T[] values, int[] indices)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (count < 0 || count > length)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"A vector of {length} items stores from 0 to {length} values.");
        if ((values?.Length ?? 0) < count)
            throw new ArgumentOutOfRangeException(nameof(values), $"{count} values were announced, {values?.Length ?? 0} given.");
        if (count != length && (indices?.Length ?? 0) < count)
            throw new ArgumentOutOfRangeException(nameof(indices), $"{count} indices were announced, {indices?.Length ?? 0} given.");
        (Length, Count, RawValues, RawIndices) = (length, count, values, indices);
    }

    public bool IsDense => Count == Length;

    /// <summary>The stored values.</summary>
    public ReadOnlySpan<T> GetValues() => RawValues.AsSpan(0, Count);

    /// <summary>The indices of the stored values; empty for a dense vector.</summary>
    public ReadOnlySpan<int> GetIndices() => IsDense ? default : RawIndices.AsSpan(0, Count);

    public T GetItemOrDefault(int index)
    {
        if ((uint)index >= (uint)Length)
            throw new ArgumentOutOfRangeException(nameof(index), index, $"The vector has {Length} items.");
        if (IsDense)
            return RawValues[index];
        int stored = GetIndices().BinarySearch(index);
        return stored >= 0 ? RawValues[stored] : default;
    }

    public void GetItemOrDefault(int index, ref T destination) => destination = GetItemOrDefault(index);

    public void CopyTo(Span<T> destination) => CopyTo(destination, 0);

    public void CopyTo(Span<T> destination, int destinationIndex, T defaultValue = default)
    {
        if (destinationIndex < 0 || destinationIndex > destination.Length - Length)
            throw new ArgumentOutOfRangeException(nameof(destination), $"{Length} items do not fit into {destination.Length} from {destinationIndex} on.");
        Span<T> target = destination.Slice(destinationIndex, Length);
        if (IsDense)
        {
            GetValues().CopyTo(target);
            return;
        }

        target.Fill(defaultValue);
        for (int i = 0; i < Count; i++)
            target[RawIndices[i]] = RawValues[i];
    }

    public void CopyTo(ref VBuffer<T> destination) => CopyTo(ref destination, 0, Length);

    /// <summary>Copies length items from sourceIndex on, sparse if the vector is.</summary>
    public void CopyTo(ref VBuffer<T> destination, int sourceIndex, int length)
    {
        if (sourceIndex < 0 || sourceIndex > Length)
            throw new ArgumentOutOfRangeException(nameof(sourceIndex), sourceIndex, $"The vector has {Length} items.");
        if (length < 0 || length > Length - sourceIndex)
            throw new ArgumentOutOfRangeException(nameof(length), length, $"There are {Length - sourceIndex} items from {sourceIndex} on.");

        (int first, int count) = IsDense ? (sourceIndex, length) : StoredBetween(sourceIndex, sourceIndex + length);
        VBufferEditor<T> editor = VBufferEditor.Create(ref destination, length, count);
        RawValues.AsSpan(first, count).CopyTo(editor.Values);
        if (count < length)
        {
            for (int i = 0; i < count; i++)
                editor.Indices[i] = RawIndices[first + i] - sourceIndex;
        }

        destination = editor.Commit();
    }

    public void CopyToDense(ref VBuffer<T> destination)
    {
        VBufferEditor<T> editor = VBufferEditor.Create(ref destination, Length);
        CopyTo(editor.Values);
        destination = editor.Commit();
    }

    public static void Copy(T[] source, int sourceIndex, ref VBuffer<T> destination, int length)
    {
        VBufferEditor<T> editor = VBufferEditor.Create(ref destination, length);
        source.AsSpan(sourceIndex, length).CopyTo(editor.Values);
        destination = editor.Commit();
    }

    /// <summary>The items with their indices: the stored ones, or all.</summary>
    public IEnumerable<KeyValuePair<int, T>> Items(bool all = false)
    {
        if (IsDense)
        {
            for (int i = 0; i < Length; i++)
                yield return new(i, RawValues[i]);
            yield break;
        }

        int next = 0;
        for (int stored = 0; stored < Count; stored++)
        {
            for (; all && next < RawIndices[stored]; next++)
                yield return new(next, default);
            yield return new(RawIndices[stored], RawValues[stored]);
            next = RawIndices[stored] + 1;
        }

        for (; all && next < Length; next++)
            yield return new(next, default);
    }

    public IEnumerable<T> DenseValues() => Items(all: true).Select(item => item.Value);

    public IEnumerator GetEnumerator() => DenseValues().GetEnumerator();

    public override string ToString() =>
        IsDense ? $"Dense vector of size {Length}" : $"Sparse vector of size {Length}, {Count} explicit values";

    private (int First, int Count) StoredBetween(int start, int end)
    {
        int first = FirstAtLeast(start);
        return (first, FirstAtLeast(end) - first);
    }

    private int FirstAtLeast(int index)
    {
        int found = GetIndices().BinarySearch(index);
        return found >= 0 ? found : ~found;
    }
}
