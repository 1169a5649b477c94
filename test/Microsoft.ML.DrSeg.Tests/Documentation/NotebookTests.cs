using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.DrSeg.Documentation.Notebooks;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Documentation;

/// <summary>
/// Every notebook of <c>docs/notebooks</c> runs from its first cell to its last, in a process of its own, and gives what it
/// stores. With DRSEG_WRITE_DOCS set, what it gives is stored instead.
/// </summary>
public partial class NotebookTests
{
    private const int Patience = 600_000;
    private static readonly string Tool = Path.Combine(TestContext.CurrentContext.TestDirectory, "drseg-docs.dll");

    private static IEnumerable<string> Notebooks => Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs", "notebooks"), "*.ipynb").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);

    private static string PathOf(string notebook) => Path.Combine(Repository.Root, "docs", "notebooks", notebook);

    [TestCaseSource(nameof(Notebooks))]
    public void ItGivesWhatItStores(string notebook)
    {
        RequirePictures();
        string[] update = Environment.GetEnvironmentVariable("DRSEG_WRITE_DOCS") is { Length: > 0 } ? ["--update"] : [];
        using Process process = DotnetProcess.Start(Tool, ["notebooks", PathOf(notebook), .. update]);
        Task<string> said = process.StandardOutput.ReadToEndAsync(), failed = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{notebook} was not done after {Patience / 1000} s.");
        }
        Assert.That(process.ExitCode, Is.Zero, $"{failed.Result}\n{said.Result}");
    }

    [TestCaseSource(nameof(Notebooks))]
    public void ItIsForTheCSharpKernelAndWasRunAsAWhole(string notebook)
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(PathOf(notebook)))!;
        Assert.That((int?)root["nbformat"], Is.EqualTo(4));
        Assert.That((int?)root["nbformat_minor"], Is.EqualTo(5));
        Assert.That((string?)root["metadata"]!["kernelspec"]!["name"], Is.EqualTo(".net-csharp"));
        Assert.That((string?)root["metadata"]!["kernelspec"]!["language"], Is.EqualTo("C#"));
        JsonNode[] cells = [.. root["cells"]!.AsArray().Select(cell => cell!)];
        Assert.That(cells.Select(cell => (string?)cell["id"]), Is.Unique.And.All.Not.Empty);
        Assert.That(cells.Select(cell => (string?)cell["cell_type"]), Has.All.EqualTo("code").Or.EqualTo("markdown"));
        JsonNode[] code = [.. cells.Where(cell => (string?)cell["cell_type"] == "code")];
        Assert.That(code.Select(cell => (int?)cell["execution_count"]), Is.EqualTo(Enumerable.Range(1, code.Length)));
    }

    /// <summary>What a reader's notebook restores is what the library is made for.</summary>
    [TestCaseSource(nameof(Notebooks))]
    public void ItAsksForThePackagesOfTheLibrary(string notebook)
    {
        Dictionary<string, string> pinned = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .ToDictionary(package => package.Attribute("Include")!.Value, package => package.Attribute("Version")!.Value);
        pinned["Microsoft.ML.DrSeg"] = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("Version").Single().Value;
        Match[] asked = [.. NotebookFile.Load(PathOf(notebook)).CodeCells.SelectMany(cell => Package().Matches(cell.Source))];
        Assert.That(asked.Select(package => package.Groups[1].Value), Does.Contain("Microsoft.ML").And.Contain("Microsoft.ML.DrSeg"));
        foreach (Match package in asked)
            Assert.That(package.Groups[2].Value, Is.EqualTo(pinned[package.Groups[1].Value]), package.Value);
    }

    private static void RequirePictures()
    {
        try
        {
            SceneAssets.FindRoot();
        }
        catch (DirectoryNotFoundException missing)
        {
            Assert.Ignore(missing.Message);
        }
    }

    [GeneratedRegex(@"#r ""nuget:\s*([\w.\-]+),\s*([\w.\-]+)""")]
    private static partial Regex Package();
}
