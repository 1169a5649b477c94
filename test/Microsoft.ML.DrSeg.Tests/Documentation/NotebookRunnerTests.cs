using Microsoft.ML.DrSeg.Documentation.Notebooks;
using Microsoft.ML.DrSeg.Tests.Reporting;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Documentation;

/// <summary>The runner of notebooks: what cells can do, and what is stored and compared.</summary>
[NonParallelizable] // it takes over the console
public class NotebookRunnerTests
{
    private static async Task<CellOutput[][]> Run(params string[] cells)
    {
        var runner = new NotebookRunner();
        var outputs = new List<CellOutput[]>();
        foreach (string cell in cells)
            outputs.Add([.. await runner.Run(cell, outputs.Count + 1)]);
        return [.. outputs];
    }

    [Test]
    public async Task ACellSeesWhatEarlierOnesDefined()
    {
        CellOutput[][] outputs = await Run("#r \"nuget: Some.Package, 1.0.0\"\nusing System.Globalization;\nint x = 20;\npublic class Row { public int A; }", "var row = new Row { A = x + 1 };", "row.A * 2");
        Assert.That(outputs[0], Is.Empty);
        Assert.That(outputs[1], Is.Empty);
        Assert.That(outputs[2].Single().Text, Is.EqualTo("42"));
        Assert.That(outputs[2].Single().Kind, Is.EqualTo(CellOutputKind.Result));
    }

    [Test]
    public async Task OutputsComeInTheirOrder()
    {
        CellOutput[] outputs = (await Run("Console.Write(\"a\"); Console.WriteLine(1); display(2); Console.WriteLine(\"b\"); 1.5"))[0];
        Assert.That(outputs.Select(output => (output.Kind, output.Text)), Is.EqualTo(new[]
        {
            (CellOutputKind.Console, "a1\n"), (CellOutputKind.Displayed, "2"), (CellOutputKind.Console, "b\n"), (CellOutputKind.Result, "1.5"),
        }));
    }

    [Test]
    public async Task WhatHasPartsIsATable()
    {
        CellOutput[] outputs = (await Run("new[] { new { Name = \"a<b\", Share = 0.5 }, new { Name = \"c\", Share = 10.25 } }"))[0];
        Assert.That(outputs[0].Text, Is.EqualTo("Name  Share\na<b   0.5\nc     10.25\n"));
        Assert.That(outputs[0].Data[CellOutput.Html], Does.StartWith("<table>").And.Contain("<th>Share</th>").And.Contain("<td>a&lt;b</td>"));
        Assert.That((await Run("new { A = 1, B = \"x\" }"))[0][0].Text, Is.EqualTo("   value\nA  1\nB  x\n"));
        Assert.That((await Run("new[] { 1, 2 }"))[0][0].Text, Is.EqualTo("[ 1, 2 ]"));
        Assert.That((await Run("Enumerable.Range(0, 25).Select(i => new { I = i })"))[0][0].Text, Does.Contain("19\n(5 more)"));
    }

    [Test]
    public async Task ARegisteredFormIsUsed()
    {
        CellOutput[][] outputs = await Run(
            "Formatter.Register<Version>(version => \"UE5H\", \"image/png\"); Formatter.SetPreferredMimeTypesFor(typeof(Version), \"image/png\");",
            "display(new Version(1, 2)); HTML(\"<b>x</b>\")");
        Assert.That(outputs[1][0].Data, Is.EqualTo(new Dictionary<string, string> { ["image/png"] = "UE5H" }));
        Assert.That(outputs[1][1].Data, Is.EqualTo(new Dictionary<string, string> { ["text/html"] = "<b>x</b>" }));
    }

    [TestCase("int x = \"no number\";", "CS0029")]
    [TestCase("throw new System.IO.IOException(\"gone\");", "IOException: gone")]
    [TestCase("#!fsharp\n1", "#!fsharp")]
    [TestCase("#r \"some.dll\"\n1", "some.dll")]
    public void AFailingCellIsNamed(string cell, string expected)
    {
        TextWriter console = Console.Out;
        Assert.That(() => Run("1", cell), Throws.TypeOf<NotebookException>().With.Message.StartsWith("Cell 2:").And.Message.Contains(expected));
        Assert.That(Console.Out, Is.SameAs(console));
    }

    [Test]
    public void WhatIsStoredIsReadBack()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.ipynb");
        File.WriteAllText(path, """
            {
             "cells": [
              {
               "cell_type": "markdown",
               "id": "one",
               "metadata": {},
               "source": [
                "# Größe & <b>\n"
               ]
              },
              {
               "cell_type": "code",
               "execution_count": null,
               "id": "two",
               "metadata": {},
               "outputs": [],
               "source": [
                "1 +\n",
                " 1"
               ]
              }
             ],
             "metadata": {
              "kernelspec": {
               "name": ".net-csharp"
              },
              "unknown": [
               1.50
              ]
             },
             "nbformat": 4,
             "nbformat_minor": 5
            }

            """);
        string before = File.ReadAllText(path);
        NotebookFile notebook = NotebookFile.Load(path);
        Assert.That(notebook.Kernel, Is.EqualTo(".net-csharp"));
        Assert.That(notebook.CodeCells.Single().Source, Is.EqualTo("1 +\n 1"));
        notebook.Save(path);
        Assert.That(File.ReadAllText(path), Is.EqualTo(before), "saving alone changes nothing");

        CellOutput[] outputs =
        [
            CellOutput.OfConsole("a\nb"),
            new(CellOutputKind.Displayed, new Dictionary<string, string> { [CellOutput.Png] = "UE5H" }),
            new(CellOutputKind.Result, new Dictionary<string, string> { [CellOutput.PlainText] = "2", [CellOutput.Html] = "<b>2</b>" }),
        ];
        notebook.CodeCells[0].Store(outputs, 7);
        notebook.Save(path);
        Assert.That(File.ReadAllText(path), Does.Contain("\"execution_count\": 7").And.Contain("\"name\": \"stdout\""));
        IReadOnlyList<CellOutput> read = NotebookFile.Load(path).CodeCells[0].Outputs;
        Assert.That(read.Select(output => output.Kind), Is.EqualTo(outputs.Select(output => output.Kind)));
        Assert.That(read.Select(output => output.Data), Is.EqualTo(outputs.Select(output => output.Data)));
    }

    [TestCase("[1]")]
    [TestCase("{\"nbformat\": 3, \"cells\": []}")]
    [TestCase("{\"nbformat\": 4}")]
    [TestCase("no json")]
    public void WhatIsNoNotebookIsAnError(string text)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a.ipynb"), text);
        Assert.That(() => NotebookFile.Load(folder.File("a.ipynb")), Throws.TypeOf<InvalidDataException>().With.Message.Contains("a.ipynb"));
    }

    [TestCase("mIoU 0.45", "mIoU 0.46", true)]
    [TestCase("mIoU 0.45", "mIoU 0.48", false)]
    [TestCase("mIoU 0.45", "gIoU 0.45", false)]
    [TestCase("1000 pixels", "1019 pixels", true)]
    [TestCase("1000 pixels", "1021 pixels", false)]
    [TestCase("5 rows", "6 rows", false)]
    [TestCase("took 1.5 s, 3 rows", "took 12 s, 3 rows", true)]
    [TestCase("took 1.5 s, 3 rows", "took 1.5 s, 4 rows", false)]
    [TestCase("a   1.00\nb  10.00", "a  0.99\nb  9.99", true)]
    [TestCase("-0.01", "0.01", true)]
    [TestCase("NaN", "0.5", false)]
    public void TextsAreAlikeButForTimesAndLastDigits(string stored, string seen, bool alike) =>
        Assert.That(OutputComparison.AreAlike(stored, seen), Is.EqualTo(alike));

    [Test]
    public void AMissingOrOtherOutputIsADifference()
    {
        CellOutput text = CellOutput.OfConsole("1"), picture = new(CellOutputKind.Displayed, new Dictionary<string, string> { [CellOutput.Png] = "UE5H" });
        Assert.That(OutputComparison.Difference([text, picture], [text, picture]), Is.Null);
        Assert.That(OutputComparison.Difference([text, picture], [text]), Does.Contain("2 outputs").And.Contain("1"));
        Assert.That(OutputComparison.Difference([text], [picture]), Does.Contain("Console").And.Contain("image/png"));
        Assert.That(OutputComparison.Difference([text], [CellOutput.OfConsole("2")]), Does.Contain("Output 1"));
        CellOutput Table(string cell) => new(CellOutputKind.Displayed, new Dictionary<string, string> { [CellOutput.Html] = $"<td>{cell}</td>" });
        Assert.That(OutputComparison.Difference([Table("0.5")], [Table("0.501")]), Is.Null);
        Assert.That(OutputComparison.Difference([Table("dog")], [Table("cat")]), Does.Contain("text/html").And.Contain("<td>cat</td>"));
    }
}
