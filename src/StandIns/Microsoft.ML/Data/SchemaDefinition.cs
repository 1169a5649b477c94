using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>Which members of a row class become columns, and how; changed before it is handed on.</summary>
public sealed class SchemaDefinition : List<SchemaDefinition.Column>
{
    /// <summary>Whether members are read (rows made of objects), written (objects made of rows) or both.</summary>
    [Flags]
    public enum Direction
    {
        Read = 1,
        Write = 2,
        Both = Read | Write,
    }

    private SchemaDefinition()
    {
    }

    public Column this[string columnName]
    {
        get => this[IndexOf(columnName)];
        set => this[IndexOf(columnName)] = value;
    }

    /// <summary>The public fields, then the public properties, without those marked <see cref="NoColumnAttribute"/>.</summary>
    public static SchemaDefinition Create(Type userType, Direction direction = Direction.Both)
    {
        ArgumentNullException.ThrowIfNull(userType);
        var definition = new SchemaDefinition();
        foreach (MemberInfo member in RowMembers.Of(userType, direction))
        {
            string name = member.GetCustomAttribute<ColumnNameAttribute>()?.Name ?? member.Name;
            if (definition.Exists(column => column.ColumnName == name))
                throw new ArgumentOutOfRangeException(nameof(userType), $"Two members of {userType} make a column '{name}'. Rename one with [ColumnName] or leave it out with [NoColumn].");
            definition.Add(new Column(member.Name, name, RowMembers.ColumnTypeOf(member)));
        }

        return definition;
    }

    /// <summary>The members that a schema has columns for, with the schema's types and annotations.</summary>
    internal static SchemaDefinition Create(Type userType, DataViewSchema schema)
    {
        SchemaDefinition definition = Create(userType, Direction.Read);
        definition.RemoveAll(column => schema.GetColumnOrNull(column.ColumnName) == null);
        foreach (Column column in definition)
        {
            column.ColumnType = schema[column.ColumnName].Type;
            column.AnnotationBuilder.Add(schema[column.ColumnName].Annotations, _ => true);
        }

        return definition;
    }

    private int IndexOf(string columnName)
    {
        int index = FindIndex(column => column.ColumnName == columnName);
        return index >= 0 ? index : throw new ArgumentOutOfRangeException(nameof(columnName), $"The definition has no column '{columnName}'.");
    }

    /// <summary>A member and its column.</summary>
    public sealed class Column
    {
        internal Column(string memberName, string columnName, DataViewType columnType)
        {
            (MemberName, ColumnName, ColumnType) = (memberName, columnName, columnType);
        }

        public string MemberName { get; }

        public string ColumnName { get; set; }

        public DataViewType ColumnType { get; set; }

        public DataViewSchema.Annotations Annotations => AnnotationBuilder.ToAnnotations();

        internal DataViewSchema.Annotations.Builder AnnotationBuilder { get; } = new();

        public void AddAnnotation<T>(string kind, T value, DataViewType annotationType) =>
            AnnotationBuilder.Add<T>(kind, annotationType, (ref T destination) => destination = value);
    }
}
