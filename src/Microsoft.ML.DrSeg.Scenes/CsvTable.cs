using Microsoft.ML.DrSeg.Datasets;

namespace Microsoft.ML.DrSeg.Scenes;

/// <summary>Reads the small reviewed tables whole: a header line, then rows of as many fields.</summary>
internal static class CsvTable
{
    /// <summary>The rows below the header; rows count from 1, the header, in messages.</summary>
    /// <param name="table">The table; disposed.</param>
    /// <param name="name">Its file, for messages.</param>
    /// <param name="header">The header line it must have.</param>
    /// <param name="parse">Makes an entry of a row's fields.</param>
    /// <exception cref="InvalidDataException">Another header, another number of fields, or a field that cannot be parsed.</exception>
    public static IReadOnlyList<T> Read<T>(Stream table, string name, string header, Func<string[], T> parse)
    {
        using var rows = new CsvRows(table, name);
        string first = rows.MoveNext() ? string.Join(',', Fields(rows)) : "";
        if (first != header)
            throw new InvalidDataException($"'{name}': the first line must be '{header}', not '{first}'.");
        int columns = header.Split(',').Length;
        var entries = new List<T>();
        while (rows.MoveNext())
        {
            string[] fields = Fields(rows);
            if (fields is [""])
                continue;
            if (fields.Length != columns || fields[0].Length == 0)
                throw rows.Place.Problem($"expected {columns} fields ({header}), found '{string.Join(',', fields)}'.");
            try
            {
                entries.Add(parse(fields));
            }
            catch (FormatException problem)
            {
                throw rows.Place.Problem(problem);
            }
        }
        return entries;
    }

    private static string[] Fields(CsvRows rows) => [.. Enumerable.Range(0, rows.Count).Select(field => rows.Text(field).Trim())];
}
