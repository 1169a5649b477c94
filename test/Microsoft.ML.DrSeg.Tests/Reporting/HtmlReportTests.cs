using System.Xml.Linq;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Reporting;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Reporting;

public class HtmlReportTests
{
    private const string Hostile = "<script>alert(\"1\")</script> & 'q' \u0001 ]]> ä 漢";

    private static XElement Parse(HtmlReport report) => XDocument.Parse(report.ToHtml()).Root!;

    private static IEnumerable<XElement> ByClass(XElement page, string name) =>
        page.Descendants().Where(element => ((string?)element.Attribute("class") ?? "").Split(' ').Contains(name));

    private static HtmlReport Everything(string text) => new HtmlReport(text, text)
        .Heading(text).Heading(text).Heading(text).Paragraph(text)
        .KeyFigures(new KeyFigure(text, text, text))
        .Table(new ReportTable(text, text, new TableColumn(text), new TableColumn(text, null)).AddRow(text, 1, text))
        .Charts([new LineChart(text, text, text, [new(text, [0, 1], [2, 3])])])
        .Pictures([new(new RgbImage(2, 2), text)]).Pictures([new(new RgbImage(2, 2), text)], 3);

    [Test]
    public void EveryTextIsEscapedEverywhere()
    {
        var page = Parse(Everything(Hostile));
        Assert.Multiple(() =>
        {
            Assert.That(page.Descendants("script"), Is.Empty);
            Assert.That(page.Descendants("p").Last().Value, Is.EqualTo(Hostile.Replace('\u0001', '\uFFFD')));
            Assert.That((string?)page.Descendants("img").First().Attribute("alt"), Is.EqualTo(Hostile.Replace('\u0001', '\uFFFD')));
        });
    }

    [Test]
    public void ThePageNeedsNothingElse()
    {
        var html = Everything("plain").ToHtml();
        Assert.Multiple(() =>
        {
            Assert.That(html, Does.Not.Contain("http"));
            Assert.That(html, Does.Not.Contain("<script"));
            Assert.That(html, Does.Not.Contain("url("));
            Assert.That(Parse(Everything("plain")).Descendants("a").Select(link => (string)link.Attribute("href")!), Is.All.StartsWith("#section-"));
        });
    }

    [Test]
    public void TheBestOfAColumnIsBoldAndMissingValuesAreDashes()
    {
        var table = new ReportTable("c", "row", new TableColumn("up", HasBest: true), new TableColumn("down", "0.0"), new TableColumn("free"))
            .AddRow("a", .5, 7.26, -1)
            .AddRow("b", new TableCell(.75, "0.750 ± 0.01"), 3, double.NaN)
            .AddRow("c", (double?)null, 3, 2);
        var page = Parse(new HtmlReport("t").Table(table));
        Assert.Multiple(() =>
        {
            Assert.That(page.Descendants("td").Select(cell => cell.Value), Is.EqualTo(new[] { "0.500", "7.3", "−1.000", "0.750 ± 0.01", "3.0", "–", "–", "3.0", "2.000" }));
            Assert.That(page.Descendants("strong").Select(cell => cell.Value), Is.EqualTo(new[] { "0.750 ± 0.01" }));
        });
    }

    [Test]
    public void ARowOfTheWrongLengthIsNamed() =>
        Assert.That(() => new ReportTable("results", "row", new TableColumn("x")).AddRow("ours", 1, 2), Throws.ArgumentException.With.Message.Contains("'ours' has 2 cells").And.Message.Contains("'results' 1"));

    [Test]
    public void NumbersDoNotFollowTheMachinesCulture()
    {
        // A culture with a comma, made by hand since the tests run without culture data.
        var commas = (System.Globalization.CultureInfo)System.Globalization.CultureInfo.InvariantCulture.Clone();
        commas.NumberFormat.NumberDecimalSeparator = ",";
        commas.NumberFormat.NegativeSign = "~";
        var before = Thread.CurrentThread.CurrentCulture;
        var expected = Everything("t").ToHtml();
        try
        {
            Thread.CurrentThread.CurrentCulture = commas;
            Assert.That(Everything("t").ToHtml(), Is.EqualTo(expected));
        }
        finally
        {
            Thread.CurrentThread.CurrentCulture = before;
        }
    }

    [Test]
    public void AChartDrawsLinesGapsAndALegend()
    {
        var chart = new LineChart("t", "step", "reward",
            [new("ours", [0, 1, 2, 3], [0, double.NaN, 1, 1]), new("chance", [0, 3], [.5, .5], IsReference: true)])
        { SmoothingWindow = 3 };
        var page = Parse(new HtmlReport("t").Chart(chart));
        var main = page.Descendants("svg").Single(svg => (string?)svg.Attribute("role") == "img");
        var lines = ByClass(main, "line").Select(path => (string)path.Attribute("d")!).ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(lines, Has.Length.EqualTo(2));
            Assert.That(lines[0].Count(c => c == 'M'), Is.EqualTo(2), "the gap lifts the pen");
            Assert.That(ByClass(main, "raw").Count(), Is.EqualTo(1), "the reference is not smoothed");
            Assert.That(ByClass(main, "dot").Count(), Is.EqualTo(3));
            Assert.That(ByClass(page, "legend").Descendants("li").Select(item => item.Value), Is.EqualTo(new[] { "ours", "chance" }));
        });
    }

    [Test]
    public void ChartsOfNothingAndOfOneValueAreDrawn()
    {
        foreach (var y in new double[][] { [], [double.NaN], [0], [.3], [-1e9], [1e-9] })
        {
            var html = new HtmlReport("t").Chart(new LineChart("t", "x", "y", [new("s", [.. y.Select((_, i) => (double)i)], y)])).ToHtml();
            Assert.That(html, Does.Not.Contain("NaN").And.Not.Contain("Infinity").And.Not.Contain("∞"));
        }
    }

    [Test]
    public void BadSeriesAreNamed()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => new HtmlReport("t").Chart(new("loss", "x", "y", [new("s", [1, 2], [1])])), Throws.ArgumentException.With.Message.Contains("'s'").And.Message.Contains("'loss'"));
            Assert.That(() => new HtmlReport("t").Chart(new("loss", "x", "y", [new("s", [2, 1], [1, 1])])), Throws.ArgumentException.With.Message.Contains("Place 1"));
        });
    }

    [Test]
    public void SmoothingIsACentredMean()
    {
        Assert.Multiple(() =>
        {
            Assert.That(LineChart.Smooth([0, 3, 0, 3, 0], 3), Is.EqualTo(new[] { 1.5, 1, 2, 1, 1.5 }));
            Assert.That(LineChart.Smooth([1, double.NaN, 3], 3), Is.EqualTo(new[] { 1, double.NaN, 3 }));
            Assert.That(LineChart.Smooth([4, 1], 1), Is.EqualTo(new[] { 4, 1.0 }));
        });
    }

    [TestCase(0, 1, 6, new[] { 0, .2, .4, .6, .8, 1 }, "0.2")]
    [TestCase(.42, .487, 6, new[] { .42, .43, .44, .45, .46, .47, .48, .49 }, "0.43")]
    [TestCase(0, 2000, 8, new[] { 0.0, 200, 400, 600, 800, 1000, 1200, 1400, 1600, 1800, 2000 }, "200")]
    [TestCase(-3, 9000, 4, new[] { -2000.0, 0, 2000, 4000, 6000, 8000, 10000 }, "0")]
    public void TicksAreRoundNumbersAroundTheData(double low, double high, int wanted, double[] expected, string second)
    {
        var ticks = new AxisTicks(low, high, wanted);
        Assert.That(ticks.Values, Is.EqualTo(expected).Within(1e-9));
        Assert.That(ticks.Label(ticks.Values[1]), Is.EqualTo(second));
    }

    [Test]
    public void TicksAlwaysHoldTheDataAndStayFew()
    {
        var random = new Random(1);
        for (var i = 0; i < 500; i++)
        {
            var low = (random.NextDouble() - .5) * Math.Pow(10, random.Next(-6, 7));
            var high = low + random.NextDouble() * Math.Pow(10, random.Next(-6, 7));
            var ticks = new AxisTicks(low, high, 6);
            Assert.That(ticks.Low, Is.LessThanOrEqualTo(low + 1e-6 * (high - low)));
            Assert.That(ticks.High, Is.GreaterThanOrEqualTo(high - 1e-6 * (high - low)));
            Assert.That(ticks.Values, Has.Length.InRange(2, 12));
        }
    }

    [Test]
    public void SavingWritesThePage()
    {
        using var folder = new TemporaryFolder();
        Everything("t").Save(folder.File("demo/index.html"));
        Assert.That(File.ReadAllText(folder.File("demo/index.html")), Is.EqualTo(Everything("t").ToHtml()));
    }
}
