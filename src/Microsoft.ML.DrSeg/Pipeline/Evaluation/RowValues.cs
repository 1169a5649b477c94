using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>Readers of values, those among them whose columns may have one of several types.</summary>
internal static class RowValues
{
    /// <summary>The value of whatever row the input is at.</summary>
    public static Func<T> Value<T>(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            getter(ref value);
            return value;
        };
    }

    /// <summary>The mask of a row that must have one.</summary>
    public static Func<SegmentationMask> Mask(DataViewRow row, DataViewSchema.Column column)
    {
        Func<SegmentationMask?> read = Value<SegmentationMask?>(row, column);
        return () => read() ?? throw new InvalidOperationException($"Row {row.Position} has no mask in the column '{column.Name}'. Give an empty mask where the object is absent, or leave the row out.");
    }

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

    /// <summary>The numbers of a vector; one that is not finite is an error that names row and column.</summary>
    public static Func<float[]> Numbers(DataViewRow row, DataViewSchema.Column column)
    {
        Func<float[]> read = Vector<float>(row, column);
        return () => read() is var numbers && Array.TrueForAll(numbers, float.IsFinite)
            ? numbers
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"Row {row.Position}: the column '{column.Name}' holds {string.Join(", ", numbers)}; its numbers must be finite."));
    }

    /// <summary>The same for vectors of a certain size.</summary>
    public static Func<float[]> Numbers(DataViewRow row, DataViewSchema.Column column, int count)
    {
        Func<float[]> read = Numbers(row, column);
        return () => read() is var numbers && numbers.Length == count ? numbers : throw WrongCount(row, column, numbers.Length, $"{count}");
    }

    public static InvalidOperationException WrongCount(DataViewRow row, DataViewSchema.Column column, int count, string expected) =>
        new($"Row {row.Position}: the column '{column.Name}' has {count} numbers; expected {expected}.");

    /// <summary>The values of a vector, or the one value of a column that is none.</summary>
    public static Func<T[]> OneOrMore<T>(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is VectorDataViewType)
            return Vector<T>(row, column);
        Func<T> read = Value<T>(row, column);
        return () => [read()];
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
            return Read<ulong>(row, found, number => new ImageId((Int128)number));
        throw new ArgumentOutOfRangeException(nameof(column), $"The column '{found.Name}' for the image's id must hold text or a whole number, but it is {found.Type}.");
    }

    private static Func<ImageId> Read<T>(DataViewRow row, DataViewSchema.Column column, Func<T, ImageId> convert)
    {
        Func<T> read = Value<T>(row, column);
        return () => convert(read());
    }
}
