using System.Text;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Reporting;

/// <summary>A picture with the words below it.</summary>
/// <param name="Caption">What it shows; also read out where it cannot be seen.</param>
internal sealed record ReportPicture(RgbImage Image, string Caption);

/// <summary>A figure to be seen first, in large type.</summary>
/// <param name="Note">What to compare it with.</param>
internal sealed record KeyFigure(string Name, string Value, string Note = "");

/// <summary>
/// A report as one HTML file that needs nothing else: no network, no script, pictures and drawings inside. It follows the
/// reader's light or dark setting, prints, and reads in a narrow window. All text is escaped. The page is well-formed XML
/// too, so that other programs can read it.
/// </summary>
internal sealed class HtmlReport(string title, string subtitle = "")
{
    private readonly StringBuilder _body = new();
    private readonly List<string> _headings = [];

    /// <summary>Starts a section; the sections are listed at the top.</summary>
    public HtmlReport Heading(string text)
    {
        _headings.Add(text);
        _body.Append($"<h2 id=\"section-{_headings.Count}\">").AppendText(text).Append("</h2>\n");
        return this;
    }

    public HtmlReport Paragraph(string text)
    {
        _body.Append("<p>").AppendText(text).Append("</p>\n");
        return this;
    }

    public HtmlReport KeyFigures(params KeyFigure[] figures)
    {
        _body.Append("<dl class=\"figures\">\n");
        foreach (var figure in figures)
        {
            _body.Append("<div><dt>").AppendText(figure.Name).Append("</dt><dd class=\"value\">").AppendText(figure.Value);
            _body.Append("</dd><dd>").AppendText(figure.Note).Append("</dd></div>\n");
        }
        _body.Append("</dl>\n");
        return this;
    }

    public HtmlReport Table(ReportTable table)
    {
        table.AppendTo(_body);
        return this;
    }

    public HtmlReport Chart(LineChart chart)
    {
        LineChartSvg.Append(chart, _body);
        return this;
    }

    /// <summary>Adds line charts side by side, as many in a row as there is room for.</summary>
    public HtmlReport Charts(IEnumerable<LineChart> charts)
    {
        _body.Append("<div class=\"charts\">\n");
        foreach (var chart in charts)
            Chart(chart);
        _body.Append("</div>\n");
        return this;
    }

    /// <param name="columns">Pictures in a row; 0 for as many as there is room for.</param>
    public HtmlReport Pictures(IEnumerable<ReportPicture> pictures, int columns = 0)
    {
        _body.Append(columns == 0
            ? "<div class=\"pictures\">\n"
            : $"<div class=\"scroll\"><div class=\"pictures\" style=\"grid-template-columns:repeat({columns},minmax(5rem,1fr))\">\n");
        foreach (var picture in pictures)
        {
            _body.Append($"<figure><img width=\"{picture.Image.Width}\" height=\"{picture.Image.Height}\" alt=\"").AppendText(picture.Caption);
            _body.Append("\" src=\"data:image/png;base64,").Append(Convert.ToBase64String(picture.Image.ToPng()));
            _body.Append("\"/><figcaption>").AppendText(picture.Caption).Append("</figcaption></figure>\n");
        }
        _body.Append(columns == 0 ? "</div>\n" : "</div></div>\n");
        return this;
    }

    public string ToHtml()
    {
        var html = new StringBuilder(_body.Length + 8192);
        html.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n");
        html.Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>").AppendText(title);
        html.Append("</title>\n<style>\n").Append(ReportStyle.Css).Append("</style>\n</head>\n<body>\n<header><h1>").AppendText(title).Append("</h1>\n");
        if (subtitle.Length > 0)
            html.Append("<p class=\"subtitle\">").AppendText(subtitle).Append("</p>\n");
        AppendContents(html);
        return html.Append("</header>\n<main>\n").Append(_body).Append("</main>\n</body>\n</html>\n").ToString();
    }

    /// <summary>Writes the page, whole or not at all.</summary>
    /// <param name="path">The file, usually .html; missing folders are made.</param>
    public void Save(string path) => AtomicFile.WriteText(path, ToHtml());

    private void AppendContents(StringBuilder html)
    {
        if (_headings.Count < 3)
            return;
        html.Append("<nav aria-label=\"Contents\"><ol>");
        for (var i = 0; i < _headings.Count; i++)
            html.Append($"<li><a href=\"#section-{i + 1}\">").AppendText(_headings[i]).Append("</a></li>");
        html.Append("</ol></nav>\n");
    }
}
