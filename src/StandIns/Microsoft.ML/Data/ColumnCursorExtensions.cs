namespace Microsoft.ML.Data;

public static class ColumnCursorExtensions
{
    /// <inheritdoc cref="GetColumn{T}(IDataView, DataViewSchema.Column)"/>
    public static IEnumerable<T> GetColumn<T>(this IDataView data, string columnName)
    {
        ArgumentNullException.ThrowIfNull(data);
        return data.GetColumn<T>(data.Schema[columnName]);
    }

    /// <summary>
    /// The values of a column; the data are read while they are enumerated. Texts and arrays are new ones for every row; all
    /// else is read into one variable, so that a buffer is good, and an image not disposed, until the next row is asked for.
    /// </summary>
    /// <typeparam name="T">The column's raw type; string for text, an array for vectors.</typeparam>
    public static IEnumerable<T> GetColumn<T>(this IDataView data, DataViewSchema.Column column)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (!RowMembers.CanHold(typeof(T), column.Type))
            throw new ArgumentOutOfRangeException(nameof(column), $"The column '{column.Name}' of type {column.Type} cannot be read as {typeof(T)}.");
        return typeof(T) == column.Type.RawType ? ReadInto<T>(data, column) : Convert<T>(data, column);
    }

    private static IEnumerable<T> ReadInto<T>(IDataView data, DataViewSchema.Column column)
    {
        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        ValueGetter<T> getter = cursor.GetGetter<T>(column);
        T value = default;
        while (cursor.MoveNext())
        {
            getter(ref value);
            yield return value;
        }
    }

    private static IEnumerable<T> Convert<T>(IDataView data, DataViewSchema.Column column)
    {
        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        Action<RowBox<T>> read = MemberSetters<RowBox<T>>.Create(cursor, column, typeof(RowBox<T>).GetField(nameof(RowBox<T>.Row)));
        while (cursor.MoveNext())
        {
            var box = new RowBox<T>();
            read(box);
            yield return box.Row;
        }
    }
}
