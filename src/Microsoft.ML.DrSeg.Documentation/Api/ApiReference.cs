using System.Reflection;
using System.Text;
using Microsoft.CodeAnalysis;

namespace Microsoft.ML.DrSeg.Documentation.Api;

/// <summary>The reference under <c>docs/api</c>: a page for every namespace of an assembly, and an index of them.</summary>
internal static class ApiReference
{
    /// <summary>Renders all pages, by file name. The same assembly gives the same text, character by character.</summary>
    /// <param name="assembly">With its XML comments beside it.</param>
    /// <exception cref="InvalidOperationException">A public type or member has no summary; the message names it.</exception>
    public static IReadOnlyDictionary<string, string> Render(Assembly assembly)
    {
        var api = new PublicApi(assembly);
        var pages = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var index = new StringBuilder($"# {assembly.GetName().Name}\n\nWritten by `./build.sh docs` from the comments in the source: change them there.\n");
        foreach (var space in api.Types.GroupBy(type => type.ContainingNamespace.ToDisplayString()).OrderBy(space => space.Key, StringComparer.Ordinal))
        {
            INamedTypeSymbol[] types = [.. space];
            pages.Add($"{space.Key}.md", new ApiPage(api, space.Key, types).Render());
            index.Append($"\n## [{space.Key}]({space.Key}.md)\n\n{ApiPage.TableOfTypes(api, new CommentMarkdown(api), types)}\n");
        }
        pages.Add("README.md", index.ToString());
        return pages;
    }

    /// <summary>Writes all pages into a folder and removes others of its Markdown files, which were of namespaces that are gone.</summary>
    public static void Write(Assembly assembly, string folder)
    {
        IReadOnlyDictionary<string, string> pages = Render(assembly);
        Directory.CreateDirectory(folder);
        foreach (string old in Directory.EnumerateFiles(folder, "*.md").Where(file => !pages.ContainsKey(Path.GetFileName(file))))
            File.Delete(old);
        foreach ((string name, string text) in pages)
            File.WriteAllText(Path.Combine(folder, name), text);
    }
}
