using Microsoft.ML.Data;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// A column that a step reads: found in a schema, and demanded of the shape that an estimator is shown before there is a schema.
/// </summary>
/// <param name="Type">Of its values.</param>
/// <param name="Purpose">What it is for, in messages.</param>
/// <param name="Size">Numbers of a vector; null where that is left open.</param>
internal readonly record struct InputColumn(string Name, Type Type, string Purpose, int? Size = null)
{
    public static InputColumn Of<TValue>(string name, string purpose, int? size = null) => new(name, typeof(TValue), purpose, size);

    public DataViewSchema.Column FindIn(DataViewSchema schema)
    {
        DataViewSchema.Column column = schema.GetColumnOrNull(Name) ?? throw new ArgumentOutOfRangeException(
            nameof(schema), $"There is no column '{Name}' for {Purpose}. The columns are: {string.Join(", ", schema.Where(c => !c.IsHidden).Select(c => c.Name))}.");
        if (column.Type.RawType != Type)
            throw new ArgumentOutOfRangeException(nameof(schema), $"The column '{Name}' for {Purpose} must hold {NameOf(Type)}, but it is {column.Type}.");
        return Size is { } size && column.Type is VectorDataViewType { IsKnownSize: true } vector && vector.Size != size
            ? throw new ArgumentOutOfRangeException(nameof(schema), $"The column '{Name}' for {Purpose} must hold vectors of {size} numbers, but it is {column.Type}.")
            : column;
    }

    public void DemandOf(SchemaShape shape)
    {
        string name = Name;
        if (shape.Where(column => column.Name == name).ToArray() is not [SchemaShape.Column found, ..])
            throw new ArgumentOutOfRangeException(nameof(shape), $"There is no column '{Name}' for {Purpose}. The columns are: {string.Join(", ", shape.Select(column => column.Name))}.");
        if ((found.Kind != SchemaShape.Column.VectorKind.Scalar) != IsVector(Type) || found.ItemType.RawType != ItemOf(Type))
            throw new ArgumentOutOfRangeException(nameof(shape), $"The column '{Name}' for {Purpose} must hold {NameOf(Type)}, but it is a {found.Kind} of {found.ItemType}.");
    }

    private static bool IsVector(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(VBuffer<>);

    private static Type ItemOf(Type type) => IsVector(type) ? type.GetGenericArguments()[0] : type;

    private static string NameOf(Type type) =>
        type == typeof(ReadOnlyMemory<char>) ? "text" : IsVector(type) ? $"a vector of {NameOf(ItemOf(type))}" : type.Name;
}
