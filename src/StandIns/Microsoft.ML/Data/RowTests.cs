namespace Microsoft.ML.Data;

/// <summary>Tests of a row by one column, for <see cref="FilteredView"/>.</summary>
internal static class RowTests
{
    public static Func<DataViewRow, Func<bool>> InRange(DataViewSchema.Column column, double lower, double upper)
    {
        if (column.Type.RawType == typeof(float) && column.Type is NumberDataViewType)
            return row => Of<float>(row, column, value => value >= lower && value < upper);
        if (column.Type.RawType == typeof(double) && column.Type is NumberDataViewType)
            return row => Of<double>(row, column, value => value >= lower && value < upper);
        throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' does not have compatible type. Expected Single or Double, got {column.Type}.");
    }

    public static Func<DataViewRow, Func<bool>> NotMissing(DataViewSchema.Column column) => column.Type switch
    {
        _ when column.Type.RawType == typeof(float) => row => Of<float>(row, column, value => !float.IsNaN(value)),
        _ when column.Type.RawType == typeof(double) => row => Of<double>(row, column, value => !double.IsNaN(value)),
        _ when column.Type.RawType == typeof(VBuffer<float>) => row => Of<VBuffer<float>>(row, column, value => !value.GetValues().Contains(float.NaN)),
        _ when column.Type.RawType == typeof(VBuffer<double>) => row => Of<VBuffer<double>>(row, column, value => !value.GetValues().Contains(double.NaN)),
        _ => throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' does not have compatible type. Expected Single or Double or vectors of them, got {column.Type}."),
    };

    private static Func<bool> Of<T>(DataViewRow row, DataViewSchema.Column column, Func<T, bool> test)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default;
        return () =>
        {
            getter(ref value);
            return test(value);
        };
    }
}
