namespace Microsoft.ML.Data;

public static class ColumnCursorExtensions
{
    /// <inheritdoc cref="GetColumn{T}(IDataView, DataViewSchema.Column)"/>
    public static IEnumerable<T> GetColumn<T>(this IDataView data, string columnName)
    {
        ArgumentNullException.ThrowIfNull(data);
        return data.GetColumn<T>(data.Schema[columnName]);
    }

    /// <summary>The values of a column; the data are read while they are enumerated.</summary>
    /// <typeparam name="T">The column's raw type; string for text, an array for vectors.</typeparam>
    public static IEnumerable<T> GetColumn<T>(this IDataView data, DataViewSchema.Column column)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (!RowMembers.CanHold(typeof(T), column.Type))
            throw new ArgumentOutOfRangeException(nameof(column), $"The column '{column.Name}' of type {column.Type} cannot be read as {typeof(T)}.");
        return Read<T>(data, column);
    }

    private static IEnumerable<T> Read<T>(IDataView data, DataViewSchema.Column column)
    {
        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        Action<RowBox<T>> read = MemberSetters<RowBox<T>>.Create(cursor, column, typeof(RowBox<T>).GetField(nameof(RowBox<T>.Row)));
        while (cursor.MoveNext())
        {
            // A new box every time: the values handed out share no buffers.
            var box = new RowBox<T>();
            read(box);
            yield return box.Row;
        }
    }
}
