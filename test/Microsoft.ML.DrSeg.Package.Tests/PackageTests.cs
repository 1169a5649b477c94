using System.IO.Compression;
using System.Xml.Linq;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Package.Tests;

/// <summary>What is in the package, and what a program can do that has nothing else of ours.</summary>
public class PackageTests
{
    [Test]
    public void ItHoldsTheLibraryItsCommentsAndWhatApplicationsAreBuiltWith()
    {
        using ZipArchive package = ZipFile.OpenRead(PackedLibrary.File);
        Assert.That(package.Entries.Select(entry => entry.FullName).Where(name => name.StartsWith("lib/", StringComparison.Ordinal) || name.StartsWith("build", StringComparison.Ordinal)), Is.EquivalentTo(new[]
        {
            "buildTransitive/LoosenVersionDemands.cs",
            "buildTransitive/Microsoft.ML.DrSeg.targets",
            "lib/net10.0/Microsoft.ML.DrSeg.dll",
            "lib/net10.0/Microsoft.ML.DrSeg.xml",
        }));
    }

    [Test]
    public void ItDependsOnTheVersionsThatItIsBuiltWithAndLeavesLibtorchToPrograms()
    {
        using ZipArchive package = ZipFile.OpenRead(PackedLibrary.File);
        using Stream description = package.GetEntry("Microsoft.ML.DrSeg.nuspec")!.Open();
        var dependencies = XDocument.Load(description).Descendants().Where(element => element.Name.LocalName == "dependency")
            .ToDictionary(element => element.Attribute("id")!.Value, element => element.Attribute("version")!.Value);
        Assert.That(dependencies.Keys, Is.SupersetOf(new[] { "Microsoft.ML", "Microsoft.ML.ImageAnalytics", "TorchSharp" }));
        Assert.That(dependencies.Keys, Has.None.StartsWith("TorchSharp-").And.None.StartsWith("libtorch"));
        Assert.That(dependencies, Is.SubsetOf(PackedLibrary.PinnedVersions));
    }

    [Test]
    public void ItRestoresAndBuildsWithoutAWarning() => Assert.That(PackedLibrary.Consumer.BuildOutput, Does.Contain("0 Warning(s)").And.Not.Contain("NU1603"));

    /// <summary>The program's pipeline is the README's, but for the number of steps.</summary>
    [Test]
    public void AProgramRunsTheLinesOfTheReadme()
    {
        string program = File.ReadAllText(Path.Combine(Repository.Root, "test", "Microsoft.ML.DrSeg.Package.Tests", "Consumer", "Program.cs")).Replace(", steps: 1", "", StringComparison.Ordinal);
        string[] lines = File.ReadAllText(Path.Combine(Repository.Root, "README.md")).Split("```csharp\n")[1].Split("```")[0].Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.EqualTo(5));
        foreach (string line in lines)
            Assert.That(program, Does.Contain(line));
    }

    [Test]
    public void AProgramTrainsAndSavesAndAnotherProcessAnswersTheSame()
    {
        string pictures = Directory.CreateDirectory(Path.Combine(PackedLibrary.Folder, "pictures")).FullName;
        (int code, string trained, string errors) = PackedLibrary.Consumer.Run("train", pictures);
        Assert.That(code, Is.Zero, errors);
        (code, string loaded, errors) = PackedLibrary.Consumer.Run("predict", pictures);
        Assert.That(code, Is.Zero, errors);
        string[] answers = trained.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(answers, Has.Length.EqualTo(4).And.All.Match(@"^\w+: \d+ pixels, confidence \S+$").And.Some.Not.Contains(": 0 pixels"));
        Assert.That(loaded, Is.EqualTo(trained));
    }

    [Test]
    public void WithoutLibtorchAProgramBuildsAndSaysWhichPackageIsMissing()
    {
        var program = ConsumerProgram.Build("without-torch", torchVersion: "");
        Assert.That(program.BuildOutput, Does.Contain("0 Warning(s)"));
        (int code, _, string errors) = program.RunWithoutPackageCache("train", Directory.CreateDirectory(Path.Combine(PackedLibrary.Folder, "no-pictures")).FullName);
        Assert.That(code, Is.Not.Zero);
        Assert.That(errors, Does.Contain("TorchSharp-cpu"));
    }
}
