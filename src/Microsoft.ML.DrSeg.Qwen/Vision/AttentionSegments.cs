using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Attention within segments that follow each other, windows or images: each sees itself and no other. Segments of one length are
/// computed as a batch, so that the 64 windows of an image of 840 by 840 pixels take three operations.
/// Letters: N patches, H heads, d size of a head.
/// </summary>
internal sealed class AttentionSegments : IDisposable
{
    private readonly (int Length, int Count)[] _batches;

    // Brings segments of one length together, and back; null where they are.
    private readonly Tensor? _order, _back;

    /// <param name="lengths">Patches of each segment.</param>
    /// <param name="device">Where the attention is computed.</param>
    public AttentionSegments(IReadOnlyList<int> lengths, Device device)
    {
        var first = new int[lengths.Count];
        for (int segment = 1; segment < lengths.Count; segment++)
            first[segment] = first[segment - 1] + lengths[segment - 1];
        IGrouping<int, int>[] batches = [.. Enumerable.Range(0, lengths.Count).GroupBy(segment => lengths[segment])];
        _batches = [.. batches.Select(batch => (batch.Key, batch.Count()))];
        long[] order = [.. batches.SelectMany(batch => batch).SelectMany(segment => Enumerable.Range(first[segment], lengths[segment])).Select(patch => (long)patch)];
        if (order.Zip(order.Skip(1)).All(pair => pair.First < pair.Second))
            return;
        _order = tensor(order, device: device).DetachFromDisposeScope();
        _back = _order.argsort().DetachFromDisposeScope();
    }

    /// <summary>Queries, keys and values, [N, H, d] each, to [N, H * d].</summary>
    public Tensor Attend(Tensor queries, Tensor keys, Tensor values)
    {
        using var scope = NewDisposeScope();
        (queries, keys, values) = (Ordered(queries), Ordered(keys), Ordered(values));
        var parts = new List<Tensor>();
        long start = 0;
        foreach ((int length, int count) in _batches)
        {
            Tensor mixed = functional.scaled_dot_product_attention(Batch(queries), Batch(keys), Batch(values));
            parts.Add(mixed.transpose(1, 2).reshape((long)count * length, -1));
            start += (long)count * length;

            // [N, H, d] to [count, H, length, d].
            Tensor Batch(Tensor all) => all.narrow(0, start, (long)count * length).reshape(count, length, all.shape[1], -1).transpose(1, 2);
        }
        Tensor joined = parts.Count == 1 ? parts[0] : cat(parts);
        return (_back is null ? joined : joined.index_select(0, _back)).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _order?.Dispose();
        _back?.Dispose();
    }

    private Tensor Ordered(Tensor all) => _order is null ? all : all.index_select(0, _order);
}
