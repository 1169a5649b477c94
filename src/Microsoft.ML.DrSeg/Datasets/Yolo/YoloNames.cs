using System.Globalization;
using System.Text;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>
/// The names of YOLO's classes: <c>names</c> of a data.yaml, as a list or by number, in a line or below each other; or one a line
/// of classes.txt. No other part of YAML is read.
/// </summary>
internal static class YoloNames
{
    private static readonly string[] Lists = ["classes.txt", "obj.names", "class_names.txt"];

    /// <summary>The file of names in a folder; null where there is none.</summary>
    public static string? FileIn(string folder)
    {
        string[] files = [.. ImageFiles.In(folder)];
        return files.Where(file => Path.GetExtension(file).ToLowerInvariant() is ".yaml" or ".yml").OrderBy(file => Path.GetFileName(file) == "data.yaml" ? 0 : 1)
            .FirstOrDefault(file => SmallFile.Lines(file).Any(IsNames)) ?? files.FirstOrDefault(file => Lists.Contains(Path.GetFileName(file)));
    }

    public static SortedDictionary<int, string> Read(string file)
    {
        try
        {
            string[] lines = SmallFile.Lines(file);
            var names = new SortedDictionary<int, string>();
            foreach ((int number, string name) in Path.GetExtension(file).ToLowerInvariant() is ".yaml" or ".yml" ? OfYaml(lines) : lines.Select(line => line.Trim()).Where(line => line.Length > 0).Index())
                if (!names.TryAdd(number, name))
                    throw new InvalidDataException($"the class {number} has two names.");
            return names.Count > 0 ? names : throw new InvalidDataException("it names no classes.");
        }
        catch (Exception error) when (SourcePlace.IsDataProblem(error))
        {
            throw new SourcePlace(file).Problem(error);
        }
    }

    private static bool IsNames(string line) => line.StartsWith("names", StringComparison.Ordinal) && line[5..].TrimStart().StartsWith(':');

    private static IEnumerable<(int, string)> OfYaml(string[] lines)
    {
        int at = Array.FindIndex(lines, IsNames);
        if (at < 0)
            return [];
        string first = Plain(lines[at][(lines[at].IndexOf(':', StringComparison.Ordinal) + 1)..]).TrimStart();
        IEnumerable<string> entries;
        if (first is ['[' or '{', ..])
        {
            char last = first[0] == '[' ? ']' : '}';
            string all = string.Join(' ', lines[(at + 1)..].Select(Plain).Prepend(first));
            int end = all.IndexOf(last, StringComparison.Ordinal);
            entries = Split(end < 0 ? throw new InvalidDataException($"its names have no '{last}'.") : all[1..end]);
        }
        else
        {
            // Entries are indented, or begin with a dash.
            entries = lines[(at + 1)..].Select(Plain).TakeWhile(line => line.Length == 0 || line[0] is ' ' or '\t' or '-').Select(line => line.Trim()).Where(line => line.Length > 0);
        }
        return entries.Select((entry, i) =>
        {
            if (entry.StartsWith('-'))
                return (i, Unquoted(entry[1..]));
            int colon = entry.IndexOf(':', StringComparison.Ordinal);
            return colon > 0 && int.TryParse(Unquoted(entry[..colon]), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                ? (number, Unquoted(entry[(colon + 1)..]))
                : (i, Unquoted(entry));
        });
    }

    // Without a comment.
    private static string Plain(string line)
    {
        char quote = '\0';
        for (int i = 0; i < line.Length; i++)
            if (line[i] is '"' or '\'' && (quote == '\0' || quote == line[i]))
                quote = quote == '\0' ? line[i] : '\0';
            else if (line[i] == '#' && quote == '\0' && (i == 0 || char.IsWhiteSpace(line[i - 1])))
                return line[..i].TrimEnd();
        return line.TrimEnd();
    }

    // Commas part what is not in quotes.
    private static IEnumerable<string> Split(string list)
    {
        var entry = new StringBuilder();
        char quote = '\0';
        foreach (char letter in list)
        {
            if (letter is '"' or '\'' && (quote == '\0' || quote == letter))
                quote = quote == '\0' ? letter : '\0';
            if (letter == ',' && quote == '\0')
            {
                yield return entry.ToString();
                entry.Clear();
            }
            else
            {
                entry.Append(letter);
            }
        }
        if (!string.IsNullOrWhiteSpace(entry.ToString()))
            yield return entry.ToString();
    }

    private static string Unquoted(string text) =>
        text.Trim() is ['"' or '\'', .. var inner, var last] quoted && last == quoted[0] ? inner : text.Trim();
}
