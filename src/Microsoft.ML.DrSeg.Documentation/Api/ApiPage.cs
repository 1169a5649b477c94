using System.Text;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;

namespace Microsoft.ML.DrSeg.Documentation.Api;

/// <summary>The page of a namespace: a table of its types, then each with its members.</summary>
internal sealed class ApiPage(PublicApi api, string name, IReadOnlyList<INamedTypeSymbol> types)
{
    private readonly CommentMarkdown _markdown = new(api);
    private readonly DefaultValues _defaults = new(api.Assembly);
    private readonly StringBuilder _text = new();

    /// <summary>Writes the page.</summary>
    /// <exception cref="InvalidOperationException">A public type or member has no summary; the message names it.</exception>
    public string Render()
    {
        Paragraph($"# {name}");
        Paragraph("[All namespaces](README.md)");
        Paragraph(TableOfTypes(api, _markdown, types));
        foreach (INamedTypeSymbol type in types)
            Add(type);
        return _text.ToString().TrimEnd() + "\n";
    }

    /// <summary>A table of types with what each is.</summary>
    public static string TableOfTypes(PublicApi api, CommentMarkdown markdown, IReadOnlyList<INamedTypeSymbol> types) =>
        "| Type | What it is |\n|---|---|\n" + string.Join('\n', types.Select(type => $"| {markdown.Link(type)} | {markdown.Line(Summary(api, type))} |"));

    private void Add(INamedTypeSymbol type)
    {
        XElement comment = api.CommentOf(type);
        Paragraph($"<a id=\"{ApiNames.AnchorOf(type)}\"></a>\n\n## {ApiNames.OfType(type).Replace("<", "\\<", StringComparison.Ordinal)}");
        Paragraph($"```csharp\n{ApiNames.DeclarationOf(type)}\n```");
        Paragraph(_markdown.Blocks(Summary(api, type)));
        if (comment.Element("remarks") is { } remarks)
            Paragraph(_markdown.Blocks(remarks));
        Items(TypeParameters(comment, type.TypeParameters));
        if (type.DelegateInvokeMethod is { } invoke)
        {
            Items(Parameters(comment, invoke));
            return;
        }

        ISymbol[] members = [.. PublicApi.MembersOf(type)];
        // What is inherited from elsewhere as it is, such as Dispose, is said in one line.
        ISymbol[] asElsewhere = [.. members.Where(IsAsElsewhere)];
        ISymbol[] own = [.. members.Except(asElsewhere, SymbolEqualityComparer.Default)];
        Methods("Constructors", own.OfType<IMethodSymbol>().Where(method => method.MethodKind == MethodKind.Constructor));
        Values(type.TypeKind == TypeKind.Enum ? "Values" : "Fields", own.OfType<IFieldSymbol>());
        Values("Properties", own.OfType<IPropertySymbol>());
        Values("Events", own.OfType<IEventSymbol>());
        Methods("Methods", own.OfType<IMethodSymbol>().Where(method => method.MethodKind == MethodKind.Ordinary));
        Methods("Operators", own.OfType<IMethodSymbol>().Where(method => method.MethodKind is MethodKind.UserDefinedOperator or MethodKind.Conversion));
        if (asElsewhere.Length > 0)
            Paragraph($"As inherited: {string.Join(", ", asElsewhere.Select(member => CommentMarkdown.Code($"{PublicApi.InheritedBy(member)!.ContainingType.Name}.{ApiNames.OfMember(member)}")).Distinct())}.");
    }

    private bool IsAsElsewhere(ISymbol member) =>
        !api.CommentOf(member).HasElements && PublicApi.InheritedBy(member) is { } source && !api.Contains(source);

    private void Values(string title, IEnumerable<ISymbol> members)
    {
        ISymbol[] rows = [.. members];
        if (rows.Length == 0)
            return;
        bool hasTypes = title != "Values";
        Paragraph($"**{title}**");
        var table = new StringBuilder(hasTypes ? "| Name | Type | What it is |\n|---|---|---|\n" : "| Name | What it is |\n|---|---|\n");
        foreach (ISymbol member in rows)
        {
            XElement comment = api.CommentOf(member);
            string code = CommentMarkdown.Code(ApiNames.DeclarationOf(member, _defaults.Of(member)));
            string type = hasTypes ? $" {_markdown.LinkType(TypeOf(member))} |" : "";
            string[] more = [.. comment.Elements("remarks").Select(_markdown.Line), .. Exceptions(comment)];
            table.Append($"| <a id=\"{ApiNames.AnchorOf(member)}\"></a>{code} |{type} {string.Join("<br>", [_markdown.Line(Summary(api, member)), .. more])} |\n");
        }
        Paragraph(table.ToString().TrimEnd());
    }

    private void Methods(string title, IEnumerable<IMethodSymbol> methods)
    {
        var groups = methods.GroupBy(ApiNames.OfMember).ToArray();
        if (groups.Length == 0)
            return;
        Paragraph($"**{title}**");
        foreach (var overloads in groups)
        {
            _text.Append($"<a id=\"{ApiNames.AnchorOf(overloads.First())}\"></a>\n\n");
            foreach (IMethodSymbol method in overloads)
                Add(method);
        }
    }

    private void Add(IMethodSymbol method)
    {
        XElement comment = api.CommentOf(method);
        Paragraph($"```csharp\n{ApiNames.DeclarationOf(method)}\n```");
        // What a constructor does is clear from its type; its parameters and exceptions need words.
        bool isConstructor = method.MethodKind == MethodKind.Constructor;
        // The properties of a record tell what its own constructor takes.
        if (isConstructor && PublicApi.IsRecord(method.ContainingType) && comment.Value == api.CommentOf(method.ContainingType).Value)
            return;
        if (!isConstructor || comment.Element("summary") is not null)
            Paragraph(_markdown.Blocks(Summary(api, method)));
        if (comment.Element("remarks") is { } remarks)
            Paragraph(_markdown.Blocks(remarks));
        string[] returns = [.. comment.Elements("returns").Select(element => $"Returns {_markdown.LinkType(method.ReturnType)}: {_markdown.Line(element)}")];
        Items([
            .. TypeParameters(comment, method.TypeParameters),
            .. Parameters(comment, method), .. returns, .. Exceptions(comment)]);
    }

    private IEnumerable<string> TypeParameters(XElement comment, IEnumerable<ITypeParameterSymbol> parameters) =>
        parameters.SelectMany(parameter => Named(comment, "typeparam", parameter.Name).Select(element => $"{CommentMarkdown.Code(parameter.Name)}: {_markdown.Line(element)}"));

    private IEnumerable<string> Parameters(XElement comment, IMethodSymbol method) =>
        method.Parameters.SelectMany(parameter => Named(comment, "param", parameter.Name).Select(element =>
            $"{CommentMarkdown.Code(parameter.Name)} ({_markdown.LinkType(parameter.Type)}): {_markdown.Line(element)}"));

    private IEnumerable<string> Exceptions(XElement comment) => comment.Elements("exception").Select(element =>
    {
        string cref = element.Attribute("cref")!.Value;
        return $"Throws {(api.Resolve(cref) is { } type ? _markdown.Link(type) : CommentMarkdown.Code(cref[2..]))}: {_markdown.Line(element)}";
    });

    private static IEnumerable<XElement> Named(XElement comment, string element, string parameter) =>
        comment.Elements(element).Where(one => one.Attribute("name")?.Value == parameter);

    private static ITypeSymbol TypeOf(ISymbol member) => member switch
    {
        IFieldSymbol field => field.Type,
        IPropertySymbol property => property.Type,
        IEventSymbol happening => happening.Type,
        _ => throw new ArgumentException($"'{member}' is neither a field nor a property nor an event.", nameof(member)),
    };

    private static XElement Summary(PublicApi api, ISymbol symbol) =>
        api.CommentOf(symbol).Element("summary") is { } summary && (summary.HasElements || !string.IsNullOrWhiteSpace(summary.Value)) ? summary
        : PublicApi.InheritedBy(symbol) is { } source && !api.Contains(source) ? new XElement("summary", "As ", new XElement("c", $"{source.ContainingType.Name}.{source.Name}"), " says.")
        : throw new InvalidOperationException($"'{symbol.ToDisplayString()}' is public and has no <summary>: say what it is, or make it internal.");

    private void Items(IEnumerable<string> items)
    {
        string list = string.Join('\n', items.Select(item => $"- {item}"));
        if (list.Length > 0)
            Paragraph(list);
    }

    private void Paragraph(string text) => _text.Append(text).Append("\n\n");
}
