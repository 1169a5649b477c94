using System.Collections;

namespace TorchSharp.Utils;

/// <summary>The elements of a tensor on the CPU, in row-major order whatever its strides; it keeps the tensor alive.</summary>
public sealed class TensorAccessor<T> : IEnumerable<T>, IDisposable where T : unmanaged
{
    private readonly torch.Tensor _tensor;
    private readonly long[] _shape;
    private readonly long[] _strides;
    private readonly bool _contiguous;

    internal TensorAccessor(torch.Tensor tensor)
    {
        _tensor = tensor.Share().DetachFromDisposeScope();
        (_shape, _strides, _contiguous) = (tensor.shape, tensor.stride(), tensor.is_contiguous());
        Count = tensor.numel();
    }

    public long Count { get; }

    public unsafe T this[params long[] indices]
    {
        get => ((T*)_tensor.DataPointer)[Offset(indices)];
        set => ((T*)_tensor.DataPointer)[Offset(indices)] = value;
    }

    public T[] ToArray()
    {
        var array = new T[Count];
        CopyTo(array.AsSpan());
        return array;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    /// <summary>Copies from <paramref name="tensorIndex"/> on, as much as there is.</summary>
    public unsafe void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        using var source = _contiguous ? null : _tensor.contiguous().DetachFromDisposeScope();
        Elements(source ?? _tensor, tensorIndex).CopyTo(array[arrayIndex..]);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom(array.AsSpan(), arrayIndex, tensorIndex);

    /// <summary>Overwrites the elements from <paramref name="tensorIndex"/> on with the array's from <paramref name="arrayIndex"/> on, as many as fit.</summary>
    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var source = array[arrayIndex..];
        if (_contiguous)
        {
            var target = Elements(_tensor, tensorIndex);
            source[..Math.Min(source.Length, target.Length)].CopyTo(target);
            return;
        }
        using var copy = _tensor.contiguous().DetachFromDisposeScope();
        var elements = Elements(copy, tensorIndex);
        source[..Math.Min(source.Length, elements.Length)].CopyTo(elements);
        using var noGradient = torch.no_grad();
        _tensor.copy_(copy);
    }

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)ToArray()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose() => _tensor.Dispose();

    private unsafe Span<T> Elements(torch.Tensor contiguous, long from) =>
        new((T*)contiguous.DataPointer + from, checked((int)(Count - from)));

    private long Offset(long[] indices)
    {
        if (indices.Length != _shape.Length)
            throw new ArgumentException($"{indices.Length} indices do not fit a tensor of {_shape.Length} dimensions.", nameof(indices));
        long offset = 0;
        for (var i = 0; i < indices.Length; i++)
        {
            var index = indices[i] < 0 ? indices[i] + _shape[i] : indices[i];
            if (index < 0 || index >= _shape[i])
                throw new IndexOutOfRangeException($"Index {indices[i]} lies outside dimension {i} of size {_shape[i]}.");
            offset += index * _strides[i];
        }
        return offset;
    }
}
