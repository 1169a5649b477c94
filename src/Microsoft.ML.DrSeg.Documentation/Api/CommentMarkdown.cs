using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;

namespace Microsoft.ML.DrSeg.Documentation.Api;

/// <summary>
/// XML comments as Markdown. References to the library's own symbols become links, all others code. An element that is not
/// known here is an error, so that nothing of a comment gets lost.
/// </summary>
internal sealed partial class CommentMarkdown(PublicApi api)
{
    /// <summary>A comment's element as paragraphs, lists and blocks of code.</summary>
    public string Blocks(XElement element)
    {
        var blocks = new List<string>();
        var line = new StringBuilder();
        void EndLine()
        {
            if (line.ToString().Trim() is { Length: > 0 } text)
                blocks.Add(text);
            line.Clear();
        }
        foreach (XNode node in element.Nodes())
            switch (node)
            {
                case XElement { Name.LocalName: "para" } paragraph:
                    EndLine();
                    blocks.Add(Blocks(paragraph));
                    break;
                case XElement { Name.LocalName: "code" } code:
                    EndLine();
                    blocks.Add($"```csharp\n{code.Value.Trim('\n').TrimEnd()}\n```");
                    break;
                case XElement { Name.LocalName: "list" } list:
                    EndLine();
                    blocks.Add(ListOf(list));
                    break;
                default:
                    line.Append(Inline(node));
                    break;
            }
        EndLine();
        return string.Join("\n\n", blocks);
    }

    /// <summary>A comment's element in one line, for a cell of a table or an item of a list.</summary>
    public string Line(XElement element) => string.Concat(element.Nodes().Select(node => node switch
    {
        XElement { Name.LocalName: "para" } paragraph => $"{Line(paragraph)} ",
        XElement { Name.LocalName: "list" } list => string.Join("; ", list.Elements("item").Select(Item)),
        XElement { Name.LocalName: "code" } code => Code(code.Value),
        _ => Inline(node),
    })).Trim();

    /// <summary>A link to a symbol of the library; the name alone for any other.</summary>
    /// <param name="symbol">A type or member.</param>
    /// <param name="from">Whose page the link stands on.</param>
    public string Link(ISymbol symbol, ISymbol? from = null)
    {
        string name = NameOf(symbol, from);
        ISymbol target = symbol is INamedTypeSymbol type ? type.OriginalDefinition : symbol;
        return api.Contains(target) ? $"[{Code(name)}]({Uri.EscapeDataString(ApiNames.PageOf(target))}#{ApiNames.AnchorOf(target)})" : Code(name);
    }

    /// <summary>A type as code, linked to its page or, where it is made of others, to the page of the library's type in it.</summary>
    public string LinkType(ITypeSymbol type)
    {
        INamedTypeSymbol? own = Parts(type).FirstOrDefault(api.Contains);
        string name = Code(ApiNames.OfType(type));
        return own is null ? name : $"[{name}]({Uri.EscapeDataString(ApiNames.PageOf(own))}#{ApiNames.AnchorOf(own)})";
    }

    /// <summary>Text as code, whatever it holds.</summary>
    public static string Code(string text)
    {
        string flat = Spaces().Replace(text.Trim(), " ").Replace("|", "\\|", StringComparison.Ordinal);
        return flat.Contains('`') ? $"`` {flat} ``" : $"`{flat}`";
    }

    private static IEnumerable<INamedTypeSymbol> Parts(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => Parts(array.ElementType),
        INamedTypeSymbol named => [named.OriginalDefinition, .. named.TypeArguments.SelectMany(Parts)],
        _ => [],
    };

    private static string NameOf(ISymbol symbol, ISymbol? from) => symbol switch
    {
        ITypeSymbol type => ApiNames.OfType(type),
        IMethodSymbol { MethodKind: MethodKind.Constructor } constructor => ApiNames.OfType(constructor.ContainingType),
        IPropertySymbol { IsIndexer: true } => $"{ApiNames.OfType(symbol.ContainingType)}[]",
        _ when SymbolEqualityComparer.Default.Equals(symbol.ContainingType, from) => symbol.Name,
        _ when symbol.ContainingType is { } container => $"{ApiNames.OfType(container)}.{symbol.Name}",
        _ => symbol.ToDisplayString(),
    };

    private string Inline(XNode node) => node switch
    {
        XText text => Escape(text.Value),
        XElement element => element.Name.LocalName switch
        {
            "c" => Code(element.Value),
            "em" or "i" => $"*{Line(element)}*",
            "b" or "strong" => $"**{Line(element)}**",
            "br" => "<br>",
            "paramref" or "typeparamref" => Code(element.Attribute("name")!.Value),
            "see" or "seealso" => Reference(element),
            var other => throw new NotSupportedException($"A comment holds <{other}>, which has no form in Markdown yet: {element}. Add it to {nameof(CommentMarkdown)}."),
        },
        _ => "",
    };

    private string Reference(XElement element)
    {
        if (element.Attribute("langword") is { } word)
            return Code(word.Value);
        if (element.Attribute("href") is { } address)
            return $"[{(element.IsEmpty ? address.Value : Line(element))}]({address.Value})";
        string cref = element.Attribute("cref")!.Value;
        return api.Resolve(cref) is { } symbol ? Link(symbol) : Code(cref[(cref.IndexOf(':', StringComparison.Ordinal) + 1)..]);
    }

    private string ListOf(XElement list) => string.Join('\n', list.Elements("item").Select((item, i) =>
        $"{(list.Attribute("type")?.Value == "number" ? $"{i + 1}." : "-")} {Item(item)}"));

    private string Item(XElement item) => item.Element("term") is { } term
        ? $"{Line(term)}: {(item.Element("description") is { } description ? Line(description) : "")}"
        : Line(item.Element("description") ?? item);

    private static string Escape(string text) =>
        Special().Replace(Spaces().Replace(text, " "), match => match.Value switch { "<" => "&lt;", "&" => "&amp;", var sign => $"\\{sign}" });

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    // What Markdown or a table would take for something else.
    [GeneratedRegex(@"[<&*_|`\\~]")]
    private static partial Regex Special();
}
