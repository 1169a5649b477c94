using System.Collections;
using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>What is known of a schema before any data are seen: names, item types and kinds, but no sizes.</summary>
public sealed partial class SchemaShape : IReadOnlyList<SchemaShape.Column>
{
    private readonly Column[] _columns;

    public SchemaShape(IEnumerable<Column> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        _columns = [.. columns];
    }

    public int Count => _columns.Length;

    public Column this[int index] => _columns[index];

    public IEnumerator<Column> GetEnumerator() => ((IEnumerable<Column>)_columns).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static SchemaShape Empty { get; } = new([]);

    internal static SchemaShape Create(DataViewSchema schema) => new(schema.Where(column => !column.IsHidden).Select(Column.Create));

    internal Column? FindOrNull(string name)
    {
        foreach (Column column in _columns)
        {
            if (column.Name == name)
                return column;
        }

        return null;
    }

    internal Column Find(string name) => FindOrNull(name) ?? throw SchemaErrors.Missing("input", name, this);

    /// <summary>These columns with those added; one of the same name takes the old one's place.</summary>
    internal SchemaShape With(params IEnumerable<Column> added)
    {
        var columns = new List<Column>(_columns);
        foreach (Column column in added)
        {
            int index = columns.FindIndex(c => c.Name == column.Name);
            if (index >= 0)
                columns[index] = column;
            else
                columns.Add(column);
        }

        return new SchemaShape(columns);
    }
}
