namespace Microsoft.ML.Data;

/// <summary>The input schema in a model file: names and types. Columns of images and of types of one's own are left out.</summary>
internal static class SchemaRecord
{
    private const int NoSchema = -1, Scalar = -1;

    private static readonly Dictionary<string, PrimitiveDataViewType> _primitives = new List<PrimitiveDataViewType>(NumberDataViewType.All)
    {
        BooleanDataViewType.Instance, TextDataViewType.Instance, DateTimeDataViewType.Instance,
        DateTimeOffsetDataViewType.Instance, TimeSpanDataViewType.Instance, RowIdDataViewType.Instance,
    }.ToDictionary(type => type.ToString());

    public static void Write(ModelWriter writer, DataViewSchema schema)
    {
        if (schema == null)
        {
            writer.Number(NoSchema);
            return;
        }

        DataViewSchema.Column[] columns = [.. schema.Where(column => ItemOf(column.Type) is PrimitiveDataViewType)];
        if (columns.Length == 0)
            throw new InvalidOperationException($"No valid columns to save: the input schema holds none of numbers, texts or vectors of these. {SchemaErrors.Columns(schema)} Save with the schema null.");
        writer.Number(columns.Length);
        foreach (DataViewSchema.Column column in columns)
        {
            DataViewType item = ItemOf(column.Type);
            var key = item as KeyDataViewType;
            var vector = column.Type as VectorDataViewType;
            writer.Text(column.Name)
                .Text(key == null ? item.ToString() : NumberDataViewType.All.First(number => number.RawType == key.RawType).ToString())
                .Number(unchecked((long)(key?.Count ?? 0)))
                .Number(vector?.Dimensions.Length ?? Scalar);
            foreach (int dimension in vector?.Dimensions ?? [])
                writer.Number(dimension);
        }
    }

    public static DataViewSchema Read(BinaryReader reader)
    {
        long count = reader.ReadInt64();
        if (count == NoSchema)
            return null;
        var builder = new DataViewSchema.Builder();
        for (; count > 0; count--)
        {
            string name = reader.ReadString(), type = reader.ReadString();
            if (!_primitives.TryGetValue(type, out PrimitiveDataViewType item))
                throw new FormatException($"The model file gives its column '{name}' the unknown type '{type}'.");
            ulong keys = unchecked((ulong)reader.ReadInt64());
            if (keys > 0)
                item = new KeyDataViewType(item.RawType, keys);
            long rank = reader.ReadInt64();
            var dimensions = new List<int>();
            for (long d = 0; d < rank; d++)
                dimensions.Add((int)reader.ReadInt64());
            builder.AddColumn(name, rank == Scalar ? item : new VectorDataViewType(item, dimensions.ToArray()));
        }

        return builder.ToSchema();
    }

    private static DataViewType ItemOf(DataViewType type) => (type as VectorDataViewType)?.ItemType ?? type;
}
