using System.Collections;
using System.Globalization;
using System.Net;
using System.Reflection;
using System.Text;

namespace Microsoft.ML.DrSeg.Documentation.Notebooks;

/// <summary>
/// Values as what a notebook shows: text for what is one value, a table for what has several, and whatever a cell has
/// registered. Cells reach it as <c>Formatter</c>; the two members they may use are named as those of .NET Interactive.
/// </summary>
public sealed class NotebookFormatter
{
    private const int LongestTable = 20;

    private readonly List<(Type Type, string MimeType, Func<object, string> Format)> _registered = [];
    private readonly Dictionary<Type, string> _preferred = [];

    /// <summary>Says how values of a type look in a form.</summary>
    /// <param name="formatter">Gives the text of the form; of a picture in base 64.</param>
    /// <param name="mimeType">The form.</param>
    public void Register<T>(Func<T, string> formatter, string mimeType = CellOutput.PlainText)
    {
        ArgumentNullException.ThrowIfNull(formatter);
        _registered.Insert(0, (typeof(T), mimeType, value => formatter((T)value)));
    }

    /// <summary>Says in which form values of a type are shown.</summary>
    public void SetPreferredMimeTypesFor(Type type, params string[] preferredMimeTypes)
    {
        ArgumentNullException.ThrowIfNull(preferredMimeTypes);
        _preferred[type] = preferredMimeTypes[0];
    }

    /// <summary>The forms of a value: what was registered for it, or its text, as a table too where it has several parts.</summary>
    internal IReadOnlyDictionary<string, string> Format(object? value)
    {
        if (value is NotebookHtml html)
            return new Dictionary<string, string> { [CellOutput.Html] = html.Content };
        if (value is not null && _preferred.FirstOrDefault(entry => entry.Key.IsInstanceOfType(value)).Value is { } type
            && _registered.FirstOrDefault(entry => entry.MimeType == type && entry.Type.IsInstanceOfType(value)).Format is { } format)
            return new Dictionary<string, string> { [type] = format(value) };
        if (TableOf(value) is not { } table)
            return new Dictionary<string, string> { [CellOutput.PlainText] = Cell(value) };
        return new Dictionary<string, string> { [CellOutput.Html] = ToHtml(table), [CellOutput.PlainText] = ToText(table) };
    }

    /// <summary>Rows of texts, the first the names of the columns; null for what is one value.</summary>
    private List<string[]>? TableOf(object? value)
    {
        if (value is null or string || IsScalar(value.GetType()))
            return null;
        if (value is not IEnumerable sequence)
            return MembersOf(value.GetType()) is { Length: > 0 } own ? [["", "value"], .. own.Select(member => new[] { member.Name, Cell(ValueOf(member, value)) })] : null;
        object?[] items = [.. sequence.Cast<object?>()];
        if (items.Length == 0 || items.Any(item => item is null or string || IsScalar(item.GetType())))
            return null;
        MemberInfo[] members = MembersOf(items[0]!.GetType());
        if (members.Length == 0)
            return null;
        List<string[]> rows = [[.. members.Select(member => member.Name)], .. items.Take(LongestTable).Select(item => members.Select(member => Cell(ValueOf(member, item!))).ToArray())];
        if (items.Length > LongestTable)
            rows.Add([$"({items.Length - LongestTable} more)", .. Enumerable.Repeat("", members.Length - 1)]);
        return rows;
    }

    private string Cell(object? value) => value switch
    {
        null => "<null>",
        string text => text,
        _ when _registered.FirstOrDefault(entry => entry.MimeType == CellOutput.PlainText && entry.Type.IsInstanceOfType(value)).Format is { } format => format(value),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable sequence => $"[ {string.Join(", ", sequence.Cast<object?>().Take(LongestTable).Select(Cell))} ]",
        _ => value.ToString() ?? "",
    };

    private static bool IsScalar(Type type) => type.IsPrimitive || type.IsEnum || typeof(IFormattable).IsAssignableFrom(type) || typeof(Type).IsAssignableFrom(type);

    private static MemberInfo[] MembersOf(Type type) =>
    [
        .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanRead && property.GetIndexParameters().Length == 0),
        .. type.GetFields(BindingFlags.Public | BindingFlags.Instance),
    ];

    private static object? ValueOf(MemberInfo member, object owner) => member is PropertyInfo property ? property.GetValue(owner) : ((FieldInfo)member).GetValue(owner);

    private static string ToHtml(List<string[]> table)
    {
        string Row(string[] cells, string tag) => $"<tr>{string.Concat(cells.Select(cell => $"<{tag}>{WebUtility.HtmlEncode(cell)}</{tag}>"))}</tr>\n";
        return $"<table>\n<thead>\n{Row(table[0], "th")}</thead>\n<tbody>\n{string.Concat(table.Skip(1).Select(row => Row(row, "td")))}</tbody>\n</table>\n";
    }

    private static string ToText(List<string[]> table)
    {
        int[] widths = [.. Enumerable.Range(0, table[0].Length).Select(column => table.Max(row => row[column].Length))];
        var text = new StringBuilder();
        foreach (string[] row in table)
            text.Append(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd()).Append('\n');
        return text.ToString();
    }
}

/// <summary>Text that is HTML already.</summary>
/// <param name="Content">The HTML.</param>
public sealed record NotebookHtml(string Content);
