using System.Globalization;
using System.Text;

namespace Microsoft.ML.DrSeg.Reporting;

/// <summary>The two ways in which anything gets into a page: text is escaped, numbers do not follow the machine's culture.</summary>
internal static class HtmlText
{
    public static StringBuilder AppendText(this StringBuilder html, string text)
    {
        foreach (var character in text)
        {
            _ = character switch
            {
                '&' => html.Append("&amp;"),
                '<' => html.Append("&lt;"),
                '>' => html.Append("&gt;"),
                '"' => html.Append("&quot;"),
                '\'' => html.Append("&#39;"),
                // Control characters are not allowed in a page, escaped or not.
                < ' ' and not ('\n' or '\t') => html.Append('\uFFFD'),
                _ => html.Append(character),
            };
        }
        return html;
    }

    public static StringBuilder AppendCoordinate(this StringBuilder html, double value) =>
        html.Append(Math.Round(value, 1).ToString(CultureInfo.InvariantCulture));
}
