namespace Microsoft.ML.Data;

/// <summary>A store of vectors: their buffers belong to the slots, so whoever reads one gets a copy.</summary>
internal sealed class VectorColumnStore<T>(ValueGetter<VBuffer<T>> source) : ColumnStore<VBuffer<T>>(source)
{
    protected override void Copy(in VBuffer<T> from, ref VBuffer<T> to) => from.CopyTo(ref to);
}
