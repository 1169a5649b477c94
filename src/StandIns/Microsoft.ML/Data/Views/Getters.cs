namespace Microsoft.ML.Data;

/// <summary>Getters of types known only at run time.</summary>
internal static class Getters
{
    /// <summary>The getter of a column as the delegate for its raw type.</summary>
    public static Delegate Of(DataViewRow row, DataViewSchema.Column column) =>
        (Delegate)MemberAccess.Call(typeof(Getters), nameof(Typed), [column.Type.RawType], row, column);

    public static ValueGetter<T> Cast<T>(Delegate getter, DataViewSchema.Column column) =>
        getter as ValueGetter<T> ?? throw SchemaErrors.WrongGetterType(column, typeof(T));

    /// <summary>Reads the current value as an object.</summary>
    public static Func<object> Boxed(DataViewRow row, DataViewSchema.Column column) =>
        (Func<object>)MemberAccess.Call(typeof(Getters), nameof(BoxedTyped), [column.Type.RawType], row, column);

    private static ValueGetter<T> Typed<T>(DataViewRow row, DataViewSchema.Column column) => row.GetGetter<T>(column);

    private static Func<object> BoxedTyped<T>(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        return () =>
        {
            T value = default;
            getter(ref value);
            return value;
        };
    }
}
