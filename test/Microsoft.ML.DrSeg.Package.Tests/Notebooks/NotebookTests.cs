using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Package.Tests.Notebooks;

/// <summary>
/// Every notebook of <c>docs/notebooks</c> runs from its first cell to its last, with the packages that it asks for, and gives
/// what it stores. With DRSEG_WRITE_DOCS set, what it gives is stored instead.
/// </summary>
public partial class NotebookTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "docs", "notebooks");

    private static IEnumerable<string> Notebooks => Directory.EnumerateFiles(Folder, "*.ipynb").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);

    [TestCaseSource(nameof(Notebooks))]
    public void ItGivesWhatItStores(string notebook)
    {
        RequirePictures();
        string path = Path.Combine(Folder, notebook), result = Path.Combine(PackedLibrary.Folder, notebook);
        (int code, string output, string errors) = KernelProcess.Run(path, result);
        TestContext.Out.WriteLine(output);
        Assert.That(code, Is.Zero, errors);
        if (Environment.GetEnvironmentVariable("DRSEG_WRITE_DOCS") is { Length: > 0 })
            File.Copy(result, path, overwrite: true);
        foreach ((int index, var (stored, seen)) in NotebookDocument.Load(path).CodeCells.Zip(NotebookDocument.Load(result).CodeCells).Index())
            Assert.That(OutputComparison.Difference(stored.Outputs, seen.Outputs), Is.Null, $"Cell {index + 1}. Where what it gives is right, store it with './build.sh notebooks'.");
    }

    [TestCaseSource(nameof(Notebooks))]
    public void ItIsForTheCSharpKernelAndWasRunAsAWhole(string notebook)
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, notebook)))!;
        Assert.That((int?)root["nbformat"], Is.EqualTo(4));
        Assert.That((int?)root["nbformat_minor"], Is.EqualTo(5));
        Assert.That((string?)root["metadata"]!["kernelspec"]!["name"], Is.EqualTo(".net-csharp"));
        JsonNode[] cells = [.. root["cells"]!.AsArray().Select(cell => cell!)];
        Assert.That(cells.Select(cell => (string?)cell["id"]), Is.Unique.And.All.Not.Empty);
        JsonNode[] code = [.. cells.Where(cell => (string?)cell["cell_type"] == "code")];
        Assert.That(code.Select(cell => (int?)cell["execution_count"]), Is.EqualTo(Enumerable.Range(1, code.Length)));
    }

    /// <summary>What a reader's notebook restores is what the library is made for.</summary>
    [TestCaseSource(nameof(Notebooks))]
    public void ItAsksForThePackagesOfTheLibrary(string notebook)
    {
        Match[] asked = [.. NotebookDocument.Load(Path.Combine(Folder, notebook)).CodeCells.SelectMany(cell => Package().Matches(cell.Contents))];
        Assert.That(asked.Select(package => package.Groups[1].Value), Does.Contain("Microsoft.ML.DrSeg.Compact").And.Contain("TorchSharp-cpu"));
        foreach (Match package in asked)
            Assert.That(package.Groups[2].Value, Is.EqualTo(package.Groups[1].Value.StartsWith("Microsoft.ML.DrSeg", StringComparison.Ordinal) ? PackedLibrary.Version : PackedLibrary.PinnedVersions[package.Groups[1].Value]), package.Value);
    }

    [TestCase("int x = \"no number\";", "CS0029")]
    [TestCase("throw new System.IO.IOException(\"gone\");", "IOException: gone")]
    [TestCase("#r \"nuget: Microsoft.ML.DrSeg.Compact, 99.0.0\"", "Microsoft.ML.DrSeg.Compact")]
    public void AFailingCellIsNamed(string cell, string expected)
    {
        string path = Path.Combine(PackedLibrary.Folder, $"{Guid.NewGuid():N}.ipynb");
        File.WriteAllText(path, new JsonObject
        {
            ["cells"] = new JsonArray([.. new[] { "1", cell }.Select(source => new JsonObject { ["cell_type"] = "code", ["metadata"] = new JsonObject(), ["outputs"] = new JsonArray(), ["source"] = source })]),
            ["metadata"] = new JsonObject(),
            ["nbformat"] = 4,
            ["nbformat_minor"] = 5,
        }.ToJsonString());
        (int code, _, string errors) = KernelProcess.Run(path, path);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(errors, Does.StartWith("Cell 2:").And.Contain(expected));
    }

    private static void RequirePictures()
    {
        string assets = Environment.GetEnvironmentVariable("DRSEG_ASSETS") is { Length: > 0 } named ? named : Path.Combine(Repository.Root, "artifacts", "assets");
        if (!Directory.Exists(assets))
            Assert.Ignore($"The notebooks show photographs, and there is no folder '{assets}': run './build.sh setup'.");
    }

    [GeneratedRegex(@"#r ""nuget:\s*([\w.\-]+),\s*([\w.\-]+)""")]
    private static partial Regex Package();
}
