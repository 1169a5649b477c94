using Microsoft.ML.Data;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// Schema shapes for estimators. ML.NET makes the columns of a shape only itself, out of a schema that a loader promises;
/// so a loader that promises one and loads nothing is asked.
/// </summary>
internal static class Shapes
{
    public static SchemaShape Of(DataViewSchema schema) => new Promise(schema).Append(new EstimatorChain<ITransformer>()).GetOutputSchema();

    /// <summary>The shape with columns added; one of a name that is there already takes the old one's place.</summary>
    public static SchemaShape With(this SchemaShape shape, IEnumerable<DataViewSchema.DetachedColumn> added)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(added);
        SchemaShape columns = Of(builder.ToSchema());
        var names = columns.Select(column => column.Name).ToHashSet();
        return new SchemaShape(shape.Where(column => !names.Contains(column.Name)).Concat(columns));
    }

    public static void Demand<TValue>(this SchemaShape shape, string name, string purpose)
    {
        SchemaShape.Column found = Find(shape, name, purpose);
        if (found.Kind != SchemaShape.Column.VectorKind.Scalar || found.ItemType.RawType != typeof(TValue))
            throw new ArgumentOutOfRangeException(nameof(shape), Unfit(found, purpose, NameOf<TValue>()));
    }

    public static void DemandVector<TItem>(this SchemaShape shape, string name, string purpose)
    {
        SchemaShape.Column found = Find(shape, name, purpose);
        if (found.Kind == SchemaShape.Column.VectorKind.Scalar || found.ItemType.RawType != typeof(TItem))
            throw new ArgumentOutOfRangeException(nameof(shape), Unfit(found, purpose, NameOf<VBuffer<TItem>>()));
    }

    private static SchemaShape.Column Find(SchemaShape shape, string name, string purpose) =>
        shape.Where(column => column.Name == name).ToArray() is [SchemaShape.Column found, ..]
            ? found
            : throw new ArgumentOutOfRangeException(nameof(shape), $"There is no column '{name}' for {purpose}. The columns are: {string.Join(", ", shape.Select(column => column.Name))}.");

    private static string Unfit(SchemaShape.Column column, string purpose, string expected) =>
        $"The column '{column.Name}' for {purpose} must hold {expected}, but it is a {column.Kind} of {column.ItemType}.";

    /// <summary>What a column of such values is called in messages.</summary>
    public static string NameOf<TValue>() => NameOf(typeof(TValue));

    private static string NameOf(Type type) =>
        type == typeof(ReadOnlyMemory<char>) ? "text"
        : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(VBuffer<>) ? $"a vector of {NameOf(type.GetGenericArguments()[0])}"
        : type.Name;

    private sealed class Promise(DataViewSchema schema) : IDataLoader<object>
    {
        public DataViewSchema GetOutputSchema() => schema;

        public IDataView Load(object input) => throw new NotSupportedException("This loader only promises a schema.");

        void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException("This loader only promises a schema.");
    }
}
