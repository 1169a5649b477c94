using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Datasets;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>Readers of values whose columns may have one of several types.</summary>
internal static class RowValues
{
    /// <summary>The values of a vector in an array of their own.</summary>
    public static Func<T[]> Vector<T>(DataViewRow row, DataViewSchema.Column column)
    {
        var getter = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> buffer = default;
        return () =>
        {
            getter(ref buffer);
            var values = new T[buffer.Length];
            buffer.CopyTo(values);
            return values;
        };
    }

    /// <summary>The values of a vector, or the one value of a column that is none.</summary>
    public static Func<T[]> OneOrMore<T>(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is VectorDataViewType)
            return Vector<T>(row, column);
        var getter = row.GetGetter<T>(column);
        return () =>
        {
            T value = default!;
            getter(ref value);
            return [value];
        };
    }

    /// <summary>The id of the image: the column's text or whole number, or the row's number without a column.</summary>
    public static Func<ImageId> Id(DataViewRow row, DataViewSchema.Column? column)
    {
        if (column is not { } found)
            return () => row.Position;
        var type = found.Type.RawType;
        if (type == typeof(ReadOnlyMemory<char>))
            return Read<ReadOnlyMemory<char>>(row, found, text => text.ToString());
        if (type == typeof(long))
            return Read<long>(row, found, number => number);
        if (type == typeof(int))
            return Read<int>(row, found, number => number);
        if (type == typeof(uint))
            return Read<uint>(row, found, number => number);
        if (type == typeof(ulong))
            return Read<ulong>(row, found, number => checked((long)number));
        throw new ArgumentOutOfRangeException(nameof(column), $"The column '{found.Name}' for the image's id must hold text or a whole number, but it is {found.Type}.");
    }

    private static Func<ImageId> Read<T>(DataViewRow row, DataViewSchema.Column column, Func<T, ImageId> convert)
    {
        var getter = row.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            getter(ref value);
            return convert(value);
        };
    }
}
