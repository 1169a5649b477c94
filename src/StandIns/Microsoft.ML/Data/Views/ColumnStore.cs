namespace Microsoft.ML.Data;

/// <summary>Values of one column, kept in numbered slots.</summary>
internal abstract class ColumnStore
{
    /// <summary>The slot that getters read at the moment.</summary>
    public sealed class Slot
    {
        public int Index;
    }

    /// <summary>A store that reads from the row the cursor is at.</summary>
    public static ColumnStore Create(DataViewRow source, DataViewSchema.Column column) => column.Type is VectorDataViewType vector
        ? (ColumnStore)MemberAccess.Call(typeof(ColumnStore), nameof(CreateVector), [vector.ItemType.RawType], source, column)
        : (ColumnStore)MemberAccess.Call(typeof(ColumnStore), nameof(CreateScalar), [column.Type.RawType], source, column);

    public static ColumnStore CreateForIds(DataViewRow source) => new ColumnStore<DataViewRowId>(source.GetIdGetter());

    /// <summary>Keeps the source's current value in a slot.</summary>
    public abstract void Read(int slot);

    public abstract Delegate GetterAt(Slot slot);

    private static ColumnStore CreateScalar<T>(DataViewRow source, DataViewSchema.Column column) =>
        new ColumnStore<T>(source.GetGetter<T>(column));

    private static ColumnStore CreateVector<T>(DataViewRow source, DataViewSchema.Column column) =>
        new VectorColumnStore<T>(source.GetGetter<VBuffer<T>>(column));
}
