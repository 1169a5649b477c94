using System.Globalization;
using System.Text;

namespace Microsoft.ML.DrSeg.Reporting;

/// <summary>A column of a <see cref="ReportTable"/>.</summary>
/// <param name="Format">.NET format of its numbers; null for a column of text, which is aligned left.</param>
/// <param name="HasBest">Whether the highest value is printed in bold.</param>
internal sealed record TableColumn(string Header, string? Format = "0.000", bool HasBest = false);

/// <summary>A cell: a number, a text, or a number with the text that shows it, such as one with its interval.</summary>
/// <param name="Value">The number; null for a text or an empty cell. NaN prints as missing.</param>
/// <param name="Text">The text; null to format the number as its column says.</param>
internal readonly record struct TableCell(double? Value, string? Text = null)
{
    public static implicit operator TableCell(double value) => new(value);

    public static implicit operator TableCell(double? value) => new(value);

    public static implicit operator TableCell(string text) => new(null, text);
}

/// <summary>A table with a label before each row, its numbers aligned and the best of a column in bold.</summary>
internal sealed class ReportTable(string caption, string labelHeader, params TableColumn[] columns)
{
    private readonly List<(string Label, TableCell[] Cells)> _rows = [];

    public ReportTable AddRow(string label, params TableCell[] cells)
    {
        if (cells.Length != columns.Length)
            throw new ArgumentException($"Row '{label}' has {cells.Length} cells, but the table '{caption}' {columns.Length} columns.", nameof(cells));
        _rows.Add((label, cells));
        return this;
    }

    internal void AppendTo(StringBuilder html)
    {
        html.Append("<figure class=\"table\"><figcaption>").AppendText(caption).Append("</figcaption><div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">");
        html.AppendText(labelHeader).Append("</th>");
        foreach (var column in columns)
            html.Append(column.Format is null ? "<th scope=\"col\">" : "<th scope=\"col\" class=\"number\">").AppendText(column.Header).Append("</th>");
        html.Append("</tr></thead>\n<tbody>\n");

        var best = columns.Select((column, i) => column.HasBest ? Highest(i) : null).ToArray();
        foreach (var (label, cells) in _rows)
        {
            html.Append("<tr><th scope=\"row\">").AppendText(label).Append("</th>");
            for (var i = 0; i < cells.Length; i++)
            {
                var isBest = best[i] is { } value && cells[i].Value == value;
                html.Append(columns[i].Format is null ? "<td>" : "<td class=\"number\">").Append(isBest ? "<strong>" : "");
                html.AppendText(Show(cells[i], columns[i].Format)).Append(isBest ? "</strong></td>" : "</td>");
            }
            html.Append("</tr>\n");
        }
        html.Append("</tbody></table></div></figure>\n");
    }

    /// <summary>The highest value of a column, where there are two to choose from.</summary>
    private double? Highest(int column)
    {
        var values = _rows.Select(row => row.Cells[column].Value).OfType<double>().Where(value => !double.IsNaN(value)).ToArray();
        return values.Length < 2 ? null : values.Max();
    }

    private static string Show(TableCell cell, string? format) =>
        cell.Text ?? (cell.Value is { } value && !double.IsNaN(value) ? value.ToString(format, CultureInfo.InvariantCulture).Replace('-', '−') : "–");
}
