using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Architecture;

/// <summary>
/// Arrows point one way, from pixels to the face to ML.NET: no folder knows one of a later step or of its own, and
/// nothing before the pipeline knows ML.NET's rows.
/// </summary>
public class ArrowTests
{
    private const string Library = "Microsoft.ML.DrSeg";

    private static readonly LayerRules Rules = new(Library,
        ["Common"],
        ["Imaging"],
        ["Masks"],
        ["Answers", "Datasets"],
        ["Rewards", "Reporting"],
        ["Evaluation"],
        ["Models"],
        ["LookToConfirm"],
        ["Training"],
        ["Pipeline"],
        [""], // the catalogs
        ["Compact", "Mpi", "Qwen", "Scenes"])
    {
        RootNamespaces = new HashSet<string> { "Microsoft.ML" }, // where mlContext.DrSeg() is found
        Gate = "Pipeline",
        IsKeptOut = type => (type.Namespace + ".").StartsWith("Microsoft.ML.", StringComparison.Ordinal),
        Exceptions = new HashSet<(string, string)> { ("Imaging", "Microsoft.ML.Data.MLImage"), ("Imaging", "Microsoft.ML.Data.MLPixelFormat") },
    };

    private static IEnumerable<string> Assemblies() =>
        new[] { Library, $"{Library}.Compact", $"{Library}.Mpi", $"{Library}.Qwen", $"{Library}.Scenes" }.Where(name => File.Exists(PathOf(name)));

    [TestCaseSource(nameof(Assemblies))]
    public void NoArrowRunsBack(string assembly) =>
        Assert.That(string.Join('\n', Rules.Violations(AssemblyMentions.Read(PathOf(assembly)))), Is.Empty);

    private static string PathOf(string assembly) => Path.Combine(TestContext.CurrentContext.TestDirectory, $"{assembly}.dll");
}
