using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>A table of figures, and a second one of each class: in plain text for a console or a log, as JSON, and the classes as CSV.</summary>
/// <param name="title">What was measured, in a line.</param>
internal sealed class FigureTable(string title)
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<(string Name, double? Share)> _rows = [];
    private string[] _columns = [];
    private string _heading = "";
    private IReadOnlyList<(string Name, double?[] Values)> _classes = [];

    /// <summary>Adds a share in [0, 1], printed with four decimals; null, a figure that does not exist, as a dash.</summary>
    public FigureTable Add(string name, double? share)
    {
        _rows.Add((name, share));
        return this;
    }

    /// <summary>The table of the classes.</summary>
    /// <param name="heading">What it is headed by in text.</param>
    public FigureTable Classes(string heading, string[] columns, IEnumerable<(string Name, double?[] Values)> classes)
    {
        (_heading, _columns, _classes) = (heading, columns, [.. classes]);
        return this;
    }

    /// <summary>The figures in plain text: names to the left, numbers to the right.</summary>
    public override string ToString() => ToString(withClasses: true);

    public string ToString(bool withClasses)
    {
        var text = new StringBuilder(title);
        var classes = withClasses ? _classes : [];
        var width = _rows.Select(row => row.Name.Length).Concat(classes.Select(one => one.Name.Length + 2)).Append(0).Max();
        foreach (var (name, share) in _rows)
            text.Append($"\n{name.PadRight(width)}  {Short(share),7}");
        if (classes.Count > 0)
            text.Append('\n').Append(_columns.Length == 1 ? _heading : $"{_heading.PadRight(width)}{string.Concat(_columns.Select(column => $"  {column,7}"))}");
        foreach (var (name, values) in classes)
            text.Append($"\n{("  " + name).PadRight(width)}{string.Concat(values.Zip(_columns, (value, column) => $"  {Short(value).PadLeft(Math.Max(7, column.Length))}"))}");
        return text.ToString();
    }

    /// <summary>The classes, a line each below the columns' names (RFC 4180), numbers in full; nothing where a figure does not exist.</summary>
    public string ToCsv()
    {
        var text = new StringBuilder();
        AppendCsv(text, ["class", .. _columns]);
        foreach (var (name, values) in _classes)
            AppendCsv(text, [name, .. values.Select(value => value?.ToString(CultureInfo.InvariantCulture) ?? "")]);
        return text.ToString();
    }

    /// <summary>All of it: <c>measured</c>, <c>figures</c> by name, and <c>classes</c>.</summary>
    public string ToJson() => new JsonObject
    {
        ["measured"] = title,
        ["figures"] = new JsonObject(_rows.Select(row => KeyValuePair.Create(row.Name, (JsonNode?)row.Share))),
        ["classes"] = new JsonArray([.. _classes.Select(one => new JsonObject([
            KeyValuePair.Create("class", (JsonNode?)one.Name), .. one.Values.Zip(_columns, (value, column) => KeyValuePair.Create(column, (JsonNode?)value))]))]),
    }.ToJsonString(Json) + "\n";

    /// <summary>Adds a line of comma-separated texts.</summary>
    public static void AppendCsv(StringBuilder text, IEnumerable<string> cells) =>
        text.AppendJoin(',', cells.Select(cell => cell.AsSpan().ContainsAny(",\"\r\n") ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell)).Append("\r\n");

    // Whole numbers, which are counts, as they are.
    private static string Short(double? value) => value?.ToString(value > 1 && value == Math.Floor(value.Value) ? "0" : "0.0000", CultureInfo.InvariantCulture) ?? "-";
}
