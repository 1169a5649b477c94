using System.Runtime.Loader;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.ML.DrSeg.Documentation.Api;
using Microsoft.ML.DrSeg.Tests.Reporting;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Documentation;

/// <summary>
/// <c>docs/api</c> is what the comments in the source say. With DRSEG_WRITE_DOCS set, the pages are written anew instead of
/// compared.
/// </summary>
public partial class ApiReferenceTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "docs", "api");

    [Test]
    public void ThePagesAreWhatTheCommentsSay()
    {
        if (Environment.GetEnvironmentVariable("DRSEG_WRITE_DOCS") is { Length: > 0 })
        {
            ApiReference.Write(typeof(DrSegCatalog).Assembly, Folder);
            return;
        }
        IReadOnlyDictionary<string, string> pages = ApiReference.Render(typeof(DrSegCatalog).Assembly);
        const string remedy = "run ./build.sh docs and commit the pages";
        Assert.That(Directory.EnumerateFiles(Folder).Select(Path.GetFileName), Is.EquivalentTo(pages.Keys), remedy);
        foreach ((string name, string text) in pages)
            Assert.That(File.ReadAllText(Path.Combine(Folder, name)), Is.EqualTo(text), $"{name}: {remedy}");
    }

    [Test]
    public void EveryLinkLeadsToAPlace()
    {
        IReadOnlyDictionary<string, string> pages = ApiReference.Render(typeof(DrSegCatalog).Assembly);
        var links = pages.SelectMany(page => Link().Matches(page.Value)).Select(match => (Page: match.Groups[1].Value, Place: match.Groups[2].Value)).Distinct().ToArray();
        Assert.That(links, Has.Length.GreaterThan(100));
        foreach ((string page, string place) in links)
            Assert.That(pages[page], Does.Contain(place.Length == 0 ? "# " : $"<a id=\"{place}\"></a>"), $"{page}#{place}");
    }

    [Test]
    public void EveryPublicTypeHasAPlace()
    {
        string everything = string.Concat(ApiReference.Render(typeof(DrSegCatalog).Assembly).Values);
        foreach (Type type in typeof(DrSegCatalog).Assembly.GetExportedTypes())
            Assert.That(everything, Does.Contain($"<a id=\"{type.FullName![(type.Namespace!.Length + 1)..].Replace('+', '.').Replace("`1", "-T", StringComparison.Ordinal).Replace("`2", "-TSource-TPrediction", StringComparison.Ordinal)}\"></a>"), type.FullName);
    }

    [Test]
    public void ATypeIsShownWithSignaturesDefaultsAndInheritedComments()
    {
        string page = PageOf("""
            /// <summary>A thing.</summary>
            public interface IThing
            {
                /// <summary>Measures <paramref name="text"/> in a_b.</summary>
                /// <param name="text">What to measure.</param>
                /// <exception cref="System.ArgumentException">It is empty.</exception>
                int Measure(string? text);
            }

            /// <summary>How to measure: as <see cref="IThing.Measure"/>, or <c>x | y</c>.</summary>
            public sealed class Options : IThing, System.IDisposable
            {
                /// <summary>Steps.</summary>
                public int Steps = 100;

                /// <summary>A kind.</summary>
                public Kind Kind { get; init; } = Kind.Other;

                /// <summary>No default to tell.</summary>
                public object? Nothing { get; private set; }

                /// <inheritdoc/>
                public int Measure(string? text) => 0;

                /// <inheritdoc/>
                public void Dispose() { }

                /// <summary>Many.</summary>
                /// <returns>One of them.</returns>
                public static T Choose<T>(System.Collections.Generic.IReadOnlyList<(T Item, int Count)> choices, Kind kind = Kind.Other, params int[] longNamedNumbers) where T : notnull => choices[0].Item;

                internal int Hidden;
            }

            /// <summary>Kinds.</summary>
            public enum Kind
            {
                /// <summary>One.</summary>
                One = 1,

                /// <summary>Other.</summary>
                Other,
            }

            /// <summary>A pair.</summary>
            /// <param name="Left">Left one.</param>
            public readonly record struct Pair(int Left);
            """);
        Assert.That(page, Does.Contain("""
            ```csharp
            public sealed class Options : IThing, IDisposable
            ```

            How to measure: as [`IThing.Measure`](Specimen.md#IThing.Measure), or `x \| y`.
            """));
        Assert.That(page, Does.Contain("`Steps = 100` | `int` | Steps. |"));
        Assert.That(page, Does.Contain("`Kind { get; init; } = Kind.Other` | [`Kind`](Specimen.md#Kind) | A kind. |"));
        Assert.That(page, Does.Contain("`Nothing { get; }` | `object?` | No default to tell. |"));
        Assert.That(page, Does.Contain("""
            ```csharp
            public int Measure(string? text)
            ```

            Measures `text` in a\_b.

            - `text` (`string?`): What to measure.
            - Throws `ArgumentException`: It is empty.
            """));
        Assert.That(page, Does.Contain("""
            public static T Choose<T>(
                IReadOnlyList<(T Item, int Count)> choices,
                Kind kind = Kind.Other,
                params int[] longNamedNumbers) where T : notnull
            """));
        Assert.That(page, Does.Contain("As inherited: `IDisposable.Dispose`."));
        Assert.That(page, Does.Contain("`One = 1` | One. |"));
        Assert.That(page, Does.Contain("public readonly record struct Pair\n").And.Contain("`Left { get; init; }` | `int` | Left one. |"));
        Assert.That(page, Does.Not.Contain("Hidden").And.Not.Contain("PrintMembers").And.Not.Contain("Deconstruct"));
    }

    [Test]
    public void AnAbstractClassShowsTheDefaultsOfThoseDerivedFromIt()
    {
        string page = PageOf("""
            /// <summary>What all have.</summary>
            public abstract class Common
            {
                /// <summary>Rows.</summary>
                public int Rows = 3;
            }

            /// <summary>One of them.</summary>
            public sealed class Special : Common;
            """);
        Assert.That(page, Does.Contain("`Rows = 3` | `int` | Rows. |"));
    }

    [Test]
    public void APublicMemberWithoutASummaryIsAnError()
    {
        var error = Assert.Throws<InvalidOperationException>(() => PageOf("/// <summary>A thing.</summary>\npublic class Thing { public int Width { get; } }"));
        Assert.That(error!.Message, Does.Contain("Specimen.Thing.Width").And.Contain("<summary>"));
    }

    [Test]
    public void AnElementOfAnUnknownKindIsAnError()
    {
        var error = Assert.Throws<NotSupportedException>(() => PageOf("/// <summary>A <blink>thing</blink>.</summary>\npublic class Thing;"));
        Assert.That(error!.Message, Does.Contain("<blink>"));
    }

    /// <summary>The page of a namespace that is compiled for the occasion.</summary>
    private static string PageOf(string source)
    {
        using var folder = new TemporaryFolder();
        string name = $"Specimen{Guid.NewGuid():N}", path = Path.Combine(folder.Path, $"{name}.dll");
        var compilation = CSharpCompilation.Create(name,
            [CSharpSyntaxTree.ParseText($"#nullable enable\nnamespace Specimen;\n{source}", new CSharpParseOptions(documentationMode: DocumentationMode.Diagnose))],
            [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(one => MetadataReference.CreateFromFile(one))],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        using (FileStream assembly = File.Create(path), comments = File.Create(Path.ChangeExtension(path, ".xml")))
            Assert.That(compilation.Emit(assembly, xmlDocumentationStream: comments).Success);
        var context = new AssemblyLoadContext(name, isCollectible: true);
        try
        {
            return ApiReference.Render(context.LoadFromAssemblyPath(path))["Specimen.md"];
        }
        finally
        {
            context.Unload();
        }
    }

    [GeneratedRegex(@"\]\(([\w.]+\.md)#?([\w.\-]*)\)")]
    private static partial Regex Link();
}
