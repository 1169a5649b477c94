namespace Microsoft.ML.DrSeg.Data;

/// <summary>Reads the small reviewed tables: a header line, then comma-separated fields without quotes.</summary>
internal static class CsvTable
{
    /// <summary>The rows below the header; rows count from 1, the header, in messages.</summary>
    /// <param name="text">The table.</param>
    /// <param name="name">Its file, for messages.</param>
    /// <param name="header">The header line it must have.</param>
    /// <param name="parse">Makes an entry of a row's fields.</param>
    /// <exception cref="InvalidDataException">Another header, another number of fields, or a field that cannot be parsed.</exception>
    public static IReadOnlyList<T> Read<T>(TextReader text, string name, string header, Func<string[], T> parse)
    {
        string? first = text.ReadLine();
        if (first?.Trim() != header)
            throw new InvalidDataException($"'{name}': the first line must be '{header}', not '{first}'.");
        int columns = header.Split(',').Length;
        var entries = new List<T>();
        for (int row = 2; text.ReadLine() is { } line; row++)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            string[] fields = line.Split(',', StringSplitOptions.TrimEntries);
            if (fields.Length != columns || fields[0].Length == 0)
                throw new InvalidDataException($"'{name}', row {row}: expected {columns} fields ({header}), found '{line}'.");
            try
            {
                entries.Add(parse(fields));
            }
            catch (FormatException problem)
            {
                throw new InvalidDataException($"'{name}', row {row}: {problem.Message}", problem);
            }
        }
        return entries;
    }
}
