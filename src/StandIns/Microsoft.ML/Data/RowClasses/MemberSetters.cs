using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>Writes the current row's value of a column into a member of an object.</summary>
internal static class MemberSetters<TRow>
{
    public static Action<TRow> Create(DataViewRow row, DataViewSchema.Column column, MemberInfo member)
    {
        Type type = RowMembers.TypeOf(member);
        if (!RowMembers.CanHold(type, column.Type))
            throw new InvalidOperationException($"Can't bind the IDataView column '{column.Name}' of type '{column.Type}' to field or property '{member.Name}' of type '{type}'.");
        if (type == typeof(string))
            return Text(row, column, member);
        if (column.Type is not (PrimitiveDataViewType or VectorDataViewType) && !DataViewTypeManager.Knows(column.Type))
            throw new NotImplementedException($"Type '{type}' is not yet supported: nobody has registered the type {column.Type} of the column '{column.Name}' with {nameof(DataViewTypeManager)}.");
        if (column.Type is not VectorDataViewType)
            return Generic(nameof(Scalar), type, row, column, member);

        RowMembers.TryGetVectorItem(type, out Type item);
        if (!type.IsArray)
            return Generic(nameof(Buffer), item, row, column, member);
        return item == typeof(string) ? TextArray(row, column, member) : Generic(nameof(Array), item, row, column, member);
    }

    private static Action<TRow> Generic(string method, Type type, params object[] arguments) =>
        (Action<TRow>)MemberAccess.Call(typeof(MemberSetters<TRow>), method, [type], arguments);

    private static Action<TRow> Scalar<T>(DataViewRow row, DataViewSchema.Column column, MemberInfo member)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        Action<TRow, T> write = MemberAccess.Writer<TRow, T>(member);
        // One variable for all rows: what disposes the image that it finds there does so with the last row's.
        T value = default;
        return target =>
        {
            getter(ref value);
            write(target, value);
        };
    }

    private static Action<TRow> Text(DataViewRow row, DataViewSchema.Column column, MemberInfo member)
    {
        ValueGetter<ReadOnlyMemory<char>> getter = row.GetGetter<ReadOnlyMemory<char>>(column);
        Action<TRow, string> write = MemberAccess.Writer<TRow, string>(member);
        return target =>
        {
            ReadOnlyMemory<char> value = default;
            getter(ref value);
            write(target, value.ToString());
        };
    }

    // The buffers that the object already holds are used again.
    private static Action<TRow> Buffer<T>(DataViewRow row, DataViewSchema.Column column, MemberInfo member)
    {
        ValueGetter<VBuffer<T>> getter = row.GetGetter<VBuffer<T>>(column);
        Func<TRow, VBuffer<T>> read = MemberAccess.Reader<TRow, VBuffer<T>>(member);
        Action<TRow, VBuffer<T>> write = MemberAccess.Writer<TRow, VBuffer<T>>(member);
        return target =>
        {
            VBuffer<T> value = read(target);
            getter(ref value);
            write(target, value);
        };
    }

    private static Action<TRow> Array<T>(DataViewRow row, DataViewSchema.Column column, MemberInfo member)
    {
        ValueGetter<VBuffer<T>> getter = row.GetGetter<VBuffer<T>>(column);
        Func<TRow, T[]> read = MemberAccess.Reader<TRow, T[]>(member);
        Action<TRow, T[]> write = MemberAccess.Writer<TRow, T[]>(member);
        VBuffer<T> value = default;
        return target =>
        {
            getter(ref value);
            T[] items = read(target);
            if (items?.Length != value.Length)
                items = new T[value.Length];
            value.CopyTo(items);
            write(target, items);
        };
    }

    private static Action<TRow> TextArray(DataViewRow row, DataViewSchema.Column column, MemberInfo member)
    {
        ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter = row.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column);
        Action<TRow, string[]> write = MemberAccess.Writer<TRow, string[]>(member);
        VBuffer<ReadOnlyMemory<char>> value = default;
        return target =>
        {
            getter(ref value);
            write(target, [.. value.DenseValues().Select(text => text.ToString())]);
        };
    }
}
