using System.Reflection;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Architecture;

/// <summary>
/// What users see of the packed assemblies is what was approved: a change of it is meant, and stands in the listing
/// beside this file. With DRSEG_WRITE_DOCS set, the listing is written anew instead.
/// </summary>
public class PublicSurfaceTests
{
    private const string Library = "Microsoft.ML.DrSeg";
    private const int MostTypes = 120;

    private static IEnumerable<string> Packed() =>
        new[] { Library, $"{Library}.Compact", $"{Library}.Scenes", $"{Library}.Qwen", $"{Library}.Mpi" }
            .Where(name => File.Exists(Path.Combine(TestContext.CurrentContext.TestDirectory, $"{name}.dll")));

    [TestCaseSource(nameof(Packed))]
    public void ItIsWhatWasApproved(string assembly)
    {
        string path = Path.Combine(Repository.Root, "test/Microsoft.ML.DrSeg.Tests/Architecture", $"PublicSurface{assembly[Library.Length..]}.txt");
        string[] lines = [.. PublicSurface.Lines(Assembly.Load(assembly))];
        if (Environment.GetEnvironmentVariable("DRSEG_WRITE_DOCS") is { Length: > 0 })
            File.WriteAllText(path, string.Concat(lines.Select(line => line + '\n')));
        Assert.That(string.Join('\n', Difference(File.Exists(path) ? File.ReadAllLines(path) : [], lines)), Is.Empty, $"""
            The public surface of {assembly} is not the approved one. If that is meant, run
                DRSEG_WRITE_DOCS=1 dotnet test test/Microsoft.ML.DrSeg.Tests -c Release --filter FullyQualifiedName~PublicSurface
            and look through what changes in {path}.
            """);
    }

    [Test]
    public void ItIsSmall() => Assert.That(Assembly.Load(Library).GetExportedTypes(), Has.Length.LessThanOrEqualTo(MostTypes));

    [Test]
    public void MembersReadAsTheyAreWritten() => Assert.That(PublicSurface.Lines(typeof(Shown<>).Assembly).SkipWhile(line => !line.Contains("Shown<T>")).TakeWhile((line, i) => i == 0 || line.StartsWith(' ')),
        Is.EqualTo([
            "abstract class Microsoft.ML.DrSeg.Tests.Architecture.PublicSurfaceTests.Shown<T> : IDisposable",
            "    IReadOnlyList<string?>? Names { get; init; }",
            "    abstract double? Weight(in T value, params int[] places)",
            "    const int Most = 3",
            "    event Action<T>? Changed",
            "    protected new(string name = \"one\", float? scale = null)",
            "    protected virtual bool TryRead(out string? text)",
            "    required PublicSurfaceTests.Shown<T>[]? Others { get; set; }",
            "    void Dispose()",
        ]));

    [Test]
    public void WhatIsGoneAndWhatIsNewStandBelowTheirType() => Assert.That(
        Difference(["class A", "    int X", "    int Y", "class B", "    int X"], ["class A", "    int X", "class B", "    int X", "    int Z"]),
        Is.EqualTo(["class A", "-     int Y", "class B", "+     int Z"]));

    /// <summary>Lines that are gone (-) or new (+), each below the line of its type.</summary>
    private static IEnumerable<string> Difference(IEnumerable<string> approved, IEnumerable<string> found)
    {
        (string Type, string Line)[] before = [.. Places(approved)], after = [.. Places(found)];
        var changes = before.Except(after).Select(place => (place.Type, place.Line, Mark: '-')).Concat(after.Except(before).Select(place => (place.Type, place.Line, Mark: '+')));
        foreach (var type in changes.GroupBy(change => change.Type).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            if (type.All(change => change.Line != type.Key))
                yield return type.Key;
            foreach (var (_, line, mark) in type)
                yield return $"{mark} {line}";
        }
    }

    private static IEnumerable<(string Type, string Line)> Places(IEnumerable<string> lines)
    {
        string type = "";
        foreach (string line in lines)
        {
            if (!line.StartsWith(' '))
                type = line;
            yield return (type, line);
        }
    }

    /// <summary>Something of everything, for the listing to show.</summary>
    public abstract class Shown<T> : IDisposable
    {
        public const int Most = 3;

        protected Shown(string name = "one", float? scale = null) => Names = [name, $"{scale}"];

        public event Action<T>? Changed;

        public IReadOnlyList<string?>? Names { get; init; }

        public required Shown<T>[]? Others { get; set; }

        internal int Hidden => 1;

        public abstract double? Weight(in T value, params int[] places);

        protected virtual bool TryRead(out string? text) => (text = null) is null;

        public void Dispose()
        {
            Changed?.Invoke(default!);
            GC.SuppressFinalize(this);
        }
    }
}
