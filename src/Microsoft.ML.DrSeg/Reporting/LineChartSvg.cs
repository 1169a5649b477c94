using System.Text;

namespace Microsoft.ML.DrSeg.Reporting;

/// <summary>Draws a <see cref="LineChart"/> as inline SVG; colours come from the page's style, so they follow light and dark.</summary>
internal sealed class LineChartSvg
{
    private const int Width = 720, Height = 320;
    private const int Left = 66, Right = 14, Top = 10, Bottom = 46;
    private const int Colors = 6;
    private const int FewPoints = 16;

    private readonly LineChart _chart;
    private readonly StringBuilder _html;
    private readonly AxisTicks _x, _y;

    private LineChartSvg(LineChart chart, StringBuilder html)
    {
        _chart = chart;
        _html = html;
        (var low, var high) = Range(chart.Series.SelectMany(series => series.X));
        _x = new(low, high, 8);
        (low, high) = Range(chart.Series.SelectMany(series => series.Y));
        _y = new(low, high, 6);
    }

    public static void Append(LineChart chart, StringBuilder html)
    {
        foreach (var series in chart.Series)
            Check(chart, series);
        new LineChartSvg(chart, html).Draw();
    }

    private void Draw()
    {
        _html.Append("<figure class=\"chart\"><figcaption>").AppendText(_chart.Title).Append("</figcaption>\n");
        DrawLegend();
        _html.Append($"<div class=\"scroll\"><svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"").AppendText(_chart.Title).Append("\">\n");
        DrawAxes();
        var color = 0;
        foreach (var series in _chart.Series)
            DrawSeries(series, series.IsReference ? "reference" : Class(color++));
        _html.Append("</svg></div></figure>\n");
    }

    private void DrawLegend()
    {
        _html.Append("<ul class=\"legend\">");
        var color = 0;
        foreach (var series in _chart.Series)
        {
            _html.Append("<li><svg viewBox=\"0 0 22 10\" aria-hidden=\"true\"><path class=\"line ").Append(series.IsReference ? "reference" : Class(color++));
            _html.Append("\" d=\"M1 5H21\"/></svg>").AppendText(series.Name).Append("</li>");
        }
        _html.Append("</ul>\n");
    }

    private void DrawAxes()
    {
        foreach (var value in _y.Values)
        {
            _html.Append($"<path class=\"grid\" d=\"M{Left} ").AppendCoordinate(Y(value)).Append($"H{Width - Right}\"/><text x=\"{Left - 8}\" y=\"");
            _html.AppendCoordinate(Y(value) + 4).Append("\" text-anchor=\"end\">").AppendText(_y.Label(value)).Append("</text>\n");
        }
        foreach (var value in _x.Values)
        {
            _html.Append("<path class=\"tick\" d=\"M").AppendCoordinate(X(value)).Append($" {Height - Bottom}v5\"/><text x=\"").AppendCoordinate(X(value));
            _html.Append($"\" y=\"{Height - Bottom + 19}\" text-anchor=\"middle\">").AppendText(_x.Label(value)).Append("</text>\n");
        }
        _html.Append($"<path class=\"axis\" d=\"M{Left} {Height - Bottom}H{Width - Right}\"/>\n");
        _html.Append($"<text class=\"label\" x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 6}\" text-anchor=\"middle\">").AppendText(_chart.XLabel).Append("</text>\n");
        var middle = (Top + Height - Bottom) / 2;
        _html.Append($"<text class=\"label\" transform=\"translate(13 {middle}) rotate(-90)\" text-anchor=\"middle\">").AppendText(_chart.YLabel).Append("</text>\n");
    }

    private void DrawSeries(ChartSeries series, string style)
    {
        var smoothed = LineChart.Smooth(series.Y, series.IsReference ? 1 : _chart.SmoothingWindow);
        if (!series.IsReference && _chart.SmoothingWindow > 1)
            DrawPath(series.X, series.Y, "raw " + style);
        DrawPath(series.X, smoothed, "line " + style);
        if (series.IsReference || series.X.Count > FewPoints)
            return;
        for (var i = 0; i < smoothed.Length; i++)
        {
            if (double.IsFinite(smoothed[i]))
                _html.Append("<circle class=\"dot ").Append(style).Append("\" cx=\"").AppendCoordinate(X(series.X[i])).Append("\" cy=\"").AppendCoordinate(Y(smoothed[i])).Append("\" r=\"3.5\"/>");
        }
        _html.Append('\n');
    }

    private void DrawPath(IReadOnlyList<double> x, IReadOnlyList<double> y, string style)
    {
        _html.Append("<path class=\"").Append(style).Append("\" d=\"");
        var penDown = false;
        for (var i = 0; i < x.Count; i++)
        {
            if (!double.IsFinite(y[i]))
            {
                penDown = false;
                continue;
            }
            _html.Append(penDown ? 'L' : 'M').AppendCoordinate(X(x[i])).Append(' ').AppendCoordinate(Y(y[i]));
            penDown = true;
        }
        _html.Append("\"/>\n");
    }

    private double X(double value) => Left + (value - _x.Low) / (_x.High - _x.Low) * (Width - Left - Right);

    private double Y(double value) => Height - Bottom - (value - _y.Low) / (_y.High - _y.Low) * (Height - Top - Bottom);

    private static string Class(int color) => color < Colors ? $"c{color}" : $"c{color % Colors} dashed";

    private static (double Low, double High) Range(IEnumerable<double> values)
    {
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values.Where(double.IsFinite))
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        return low <= high ? (low, high) : (0, 1);
    }

    private static void Check(LineChart chart, ChartSeries series)
    {
        if (series.X.Count != series.Y.Count)
            throw new ArgumentException($"Series '{series.Name}' of the chart '{chart.Title}' has {series.X.Count} places and {series.Y.Count} values; give one value a place.", nameof(chart));
        for (var i = 0; i < series.X.Count; i++)
        {
            if (!double.IsFinite(series.X[i]) || (i > 0 && series.X[i] < series.X[i - 1]))
                throw new ArgumentException($"Place {i} of series '{series.Name}' of the chart '{chart.Title}' is {series.X[i]}; places must be finite and ascending.", nameof(chart));
        }
    }
}
