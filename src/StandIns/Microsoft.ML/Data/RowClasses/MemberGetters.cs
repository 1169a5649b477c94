using System.Numerics;
using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>Getters that read a member of the object in a box.</summary>
internal static class MemberGetters<TRow>
{
    public static Delegate Create(RowBox<TRow> box, MemberInfo member, DataViewType columnType)
    {
        Type type = RowMembers.TypeOf(member);
        if (type == typeof(string))
            return Text(box, member);
        if (columnType is KeyDataViewType key)
            return Generic(nameof(Key), type, box, member, key.Count);
        if (columnType is not VectorDataViewType)
            return Generic(nameof(Scalar), type, box, member);

        RowMembers.TryGetVectorItem(type, out Type item);
        if (!type.IsArray)
            return Generic(nameof(Buffer), item, box, member);
        return item == typeof(string) ? TextArray(box, member) : Generic(nameof(Array), item, box, member);
    }

    private static Delegate Generic(string method, Type type, params object[] arguments) =>
        (Delegate)MemberAccess.Call(typeof(MemberGetters<TRow>), method, [type], arguments);

    private static ValueGetter<T> Scalar<T>(RowBox<TRow> box, MemberInfo member)
    {
        Func<TRow, T> read = MemberAccess.Reader<TRow, T>(member);
        return (ref T value) => value = read(box.Row);
    }

    private static ValueGetter<T> Key<T>(RowBox<TRow> box, MemberInfo member, ulong count) where T : IUnsignedNumber<T>
    {
        Func<TRow, T> read = MemberAccess.Reader<TRow, T>(member);
        return (ref T value) =>
        {
            T key = read(box.Row);
            value = ulong.CreateChecked(key) < count ? key + T.One : T.Zero;
        };
    }

    private static ValueGetter<ReadOnlyMemory<char>> Text(RowBox<TRow> box, MemberInfo member)
    {
        Func<TRow, string> read = MemberAccess.Reader<TRow, string>(member);
        return (ref ReadOnlyMemory<char> value) => value = read(box.Row).AsMemory();
    }

    private static ValueGetter<VBuffer<T>> Buffer<T>(RowBox<TRow> box, MemberInfo member)
    {
        Func<TRow, VBuffer<T>> read = MemberAccess.Reader<TRow, VBuffer<T>>(member);
        return (ref VBuffer<T> value) => read(box.Row).CopyTo(ref value);
    }

    private static ValueGetter<VBuffer<T>> Array<T>(RowBox<TRow> box, MemberInfo member)
    {
        Func<TRow, T[]> read = MemberAccess.Reader<TRow, T[]>(member);
        return (ref VBuffer<T> value) =>
        {
            T[] items = read(box.Row) ?? [];
            VBuffer<T>.Copy(items, 0, ref value, items.Length);
        };
    }

    private static ValueGetter<VBuffer<ReadOnlyMemory<char>>> TextArray(RowBox<TRow> box, MemberInfo member)
    {
        Func<TRow, string[]> read = MemberAccess.Reader<TRow, string[]>(member);
        return (ref VBuffer<ReadOnlyMemory<char>> value) =>
        {
            string[] items = read(box.Row) ?? [];
            VBufferEditor<ReadOnlyMemory<char>> editor = VBufferEditor.Create(ref value, items.Length);
            for (int i = 0; i < items.Length; i++)
                editor.Values[i] = items[i].AsMemory();
            value = editor.Commit();
        };
    }
}
