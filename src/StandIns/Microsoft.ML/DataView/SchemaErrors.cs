namespace Microsoft.ML.Data;

/// <summary>The exceptions for columns that are missing or of the wrong type.</summary>
internal static class SchemaErrors
{
    /// <param name="role">What the column is for ("input"); may be empty.</param>
    public static ArgumentOutOfRangeException Missing(string role, string column, DataViewSchema schema) =>
        new(nameof(schema), $"Could not find {role} column '{column}'. {Columns(schema)}");

    public static ArgumentOutOfRangeException Missing(string role, string column, SchemaShape shape) =>
        new(nameof(shape), $"Could not find {role} column '{column}'. {Columns(shape.Select(c => c.Name))}");

    public static ArgumentOutOfRangeException Mismatch(string role, string column, string expected, string actual) =>
        new("schema", $"Schema mismatch for {role} column '{column}': expected {expected}, got {actual}");

    public static InvalidOperationException WrongGetterType(DataViewSchema.Column column, Type asked) =>
        new($"Invalid TValue in GetGetter for column #{column}: '{asked}', expected type: '{column.Type.RawType}'.");

    public static ArgumentOutOfRangeException Inactive(DataViewSchema.Column column) =>
        new(nameof(column), $"The column is not active in the cursor. Ask for '{column.Name}' when opening it.");

    public static string Columns(DataViewSchema schema) => Columns(schema.Where(c => !c.IsHidden).Select(c => c.Name));

    private static string Columns(IEnumerable<string> names) => $"The columns are: {string.Join(", ", names)}.";
}
