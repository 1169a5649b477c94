namespace Microsoft.ML.Data;

/// <inheritdoc cref="ColumnStore"/>
internal class ColumnStore<T>(ValueGetter<T> source) : ColumnStore
{
    private T[] _slots = new T[4];

    public sealed override void Read(int slot)
    {
        if (slot >= _slots.Length)
            Array.Resize(ref _slots, Math.Max(slot + 1, 2 * _slots.Length));
        source(ref _slots[slot]);
    }

    public sealed override Delegate GetterAt(Slot slot) =>
        new ValueGetter<T>((ref T value) => Copy(in _slots[slot.Index], ref value));

    protected virtual void Copy(in T from, ref T to) => to = from;
}
