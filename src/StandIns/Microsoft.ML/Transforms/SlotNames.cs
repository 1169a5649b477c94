namespace Microsoft.ML.Data;

/// <summary>The annotation that names the items of a vector column.</summary>
internal static class SlotNames
{
    public const string Kind = "SlotNames";

    public static bool Has(DataViewSchema.Column column) =>
        column.Type is VectorDataViewType { IsKnownSize: true } && column.Annotations.Schema.GetColumnOrNull(Kind) != null;

    /// <summary>The names of joined columns: a scalar's own, a vector's slot names or blanks; null when there are none at all.</summary>
    public static DataViewSchema.Annotations Join(DataViewSchema.Column[] columns)
    {
        if (!columns.Any(column => column.Type is not VectorDataViewType || Has(column)))
            return null;
        ReadOnlyMemory<char>[] names = [.. columns.SelectMany(Of)];
        var builder = new DataViewSchema.Annotations.Builder();
        builder.Add(Kind, new VectorDataViewType(TextDataViewType.Instance, names.Length), new ValueGetter<VBuffer<ReadOnlyMemory<char>>>(
            (ref VBuffer<ReadOnlyMemory<char>> value) => VBuffer<ReadOnlyMemory<char>>.Copy(names, 0, ref value, names.Length)));
        return builder.ToAnnotations();
    }

    private static IEnumerable<ReadOnlyMemory<char>> Of(DataViewSchema.Column column)
    {
        if (column.Type is not VectorDataViewType vector)
            return [column.Name.AsMemory()];
        if (!Has(column))
            return Enumerable.Repeat(ReadOnlyMemory<char>.Empty, vector.Size);
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.GetSlotNames(ref names);
        return names.DenseValues();
    }
}
