using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tool.Tests;

public class EvaluateTests : WorkspaceTests
{
    [Test]
    public void OnScenesTheTableAndTheFiguresAgree()
    {
        DebianPictures.RootOrSkip();
        JsonNode figures = TableAndFiguresAgree("base model", "--scenes", "4");
        Assert.That((int)figures["queries"]!, Is.EqualTo(4));
        Assert.That((int)figures["options"]!["scenes"]!, Is.EqualTo(4));
        Assert.That((string?)figures["options"]!["split"], Is.EqualTo("tune"), "the default");
    }

    [Test]
    public void AbsentThingsAreAskedForAndCounted()
    {
        DebianPictures.RootOrSkip();
        string file = _folder.Path("figures.json");
        string said = CommandLine.Succeed("evaluate", "--out", file, "--scenes", "16", "--instances", "2", "--absent-share", "0.5");
        JsonNode row = JsonNode.Parse(File.ReadAllText(file))!["rows"]![0]!;
        Assert.That(said, Does.Match(@"absent right +present right +count right +matched boxes"));
        Assert.That((double)row["absentAccuracy"]!, Is.InRange(0, 1));
        Assert.That((double)row["presentAccuracy"]!, Is.InRange(0, 1));
        Assert.That((double)row["countAccuracy"]!, Is.InRange(0, 1));
        Assert.That(said, Does.Match(string.Create(CultureInfo.InvariantCulture,
            $@"{(double)row["absentAccuracy"]!:0.000} +{(double)row["presentAccuracy"]!:0.000} +{(double)row["countAccuracy"]!:0.000} +{(double)row["matchedBoxIoU"]!:0.000}")));
    }

    [Test]
    public void OnADataSetTheTableAndTheFiguresAgree()
    {
        JsonNode figures = TableAndFiguresAgree("tiny.drseg", "--data", _folder.DataSet, "--model", _folder.Model);
        Assert.That((int)figures["queries"]!, Is.EqualTo(TinyWorkspace.Images));
        Assert.That((string?)figures["options"]!["model"], Is.EqualTo(_folder.Model));
        Assert.That((double)figures["rows"]![0]!["gIoU"]!, Is.GreaterThan(0), "the tiny model has learned something");
    }

    private JsonNode TableAndFiguresAgree(string title, params string[] arguments)
    {
        string file = _folder.Path($"{title}.json");
        string said = CommandLine.Succeed(["evaluate", "--out", file, .. arguments]);
        Assert.That(said, Does.Contain($"Figures: {file}"));
        JsonNode figures = JsonNode.Parse(File.ReadAllText(file))!;
        string[] rows = [.. said.Split('\n', StringSplitOptions.TrimEntries).Where(line => line.StartsWith(title, StringComparison.Ordinal)).Select(line => Regex.Replace(line, " {2,}", "|"))];
        Assert.That(rows, Is.EqualTo(figures["rows"]!.AsArray().Select(row => Line(row!))));
        Assert.That(rows, Has.Length.EqualTo(2), "one greedy answer, and Look-to-Confirm");
        return figures;
    }

    private static string Line(JsonNode row)
    {
        string Value(string name, string format) => ((double)row[name]!).ToString(format, CultureInfo.InvariantCulture);
        return string.Join('|',
            (string?)row["training"], (string?)row["inference"], Value("mIoU", "0.000"), Value("gIoU", "0.000"), Value("cIoU", "0.000"),
            Value("failed", "0.0%"), Value("secondLooks", "0.0%"), Value("improved", "0.0%"), Value("harmed", "0.0%"), Value("hypotheses", "0.0"),
            Value("countAccuracy", "0.000"), Value("matchedBoxIoU", "0.000"));
    }
}
