using System.Reflection;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Microsoft.ML.DrSeg.Documentation.Api;

/// <summary>
/// The public surface of an assembly with its XML comments, read by the compiler's own reader of metadata: signatures come
/// out as C# writes them, nullability and default values included.
/// </summary>
internal sealed class PublicApi
{
    private const string CompilerGenerated = "CompilerGeneratedAttribute";

    private readonly CSharpCompilation _compilation;
    private readonly IAssemblySymbol _symbol;
    private readonly Dictionary<string, XElement> _comments;

    /// <summary>Reads an assembly.</summary>
    /// <param name="assembly">Its XML comments lie beside it.</param>
    /// <exception cref="FileNotFoundException">They do not.</exception>
    public PublicApi(Assembly assembly)
    {
        Assembly = assembly;
        string comments = Path.ChangeExtension(assembly.Location, ".xml");
        if (!File.Exists(comments))
            throw new FileNotFoundException($"There are no XML comments '{comments}' beside the assembly: build it with GenerateDocumentationFile.", comments);
        _comments = XDocument.Load(comments, LoadOptions.PreserveWhitespace).Descendants("member").ToDictionary(member => member.Attribute("name")!.Value);
        MetadataReference library = MetadataReference.CreateFromFile(assembly.Location);
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) != Path.GetFileName(assembly.Location));
        _compilation = CSharpCompilation.Create("Reader", references: [library, .. platform.Select(path => MetadataReference.CreateFromFile(path))]);
        _symbol = (IAssemblySymbol)_compilation.GetAssemblyOrModuleSymbol(library)!;
        Types = [.. TypesOf(_symbol.GlobalNamespace).OrderBy(ApiNames.OfType, StringComparer.Ordinal)];
    }

    /// <summary>The assembly itself.</summary>
    public Assembly Assembly { get; }

    /// <summary>Every public type, nested ones too, by name.</summary>
    public IReadOnlyList<INamedTypeSymbol> Types { get; }

    /// <summary>Whether somebody outside can name a symbol, and it is the library's.</summary>
    public bool Contains(ISymbol symbol) =>
        SymbolEqualityComparer.Default.Equals(symbol.ContainingAssembly, _symbol) && IsVisible(symbol);

    /// <summary>The members of a type that somebody wrote and somebody outside can use, in the order of the source.</summary>
    public static IEnumerable<ISymbol> MembersOf(INamedTypeSymbol type) => type.GetMembers().Where(member =>
        member is not INamedTypeSymbol && !member.IsImplicitlyDeclared && IsVisible(member)
        && member is not IMethodSymbol { MethodKind: MethodKind.PropertyGet or MethodKind.PropertySet or MethodKind.EventAdd or MethodKind.EventRemove }
        && !IsGenerated(member));

    /// <summary>Whether a type is a record; metadata mark record structs only by the members that the compiler adds.</summary>
    public static bool IsRecord(INamedTypeSymbol type) => type.IsRecord || type.GetMembers(WellKnownMemberNames.EqualityOperatorName).Any(IsGenerated);

    /// <summary>The symbol that a comment's cref means; null where there is none.</summary>
    public ISymbol? Resolve(string cref) => DocumentationCommentId.GetFirstSymbolForDeclarationId(cref, _compilation);

    /// <summary>
    /// A symbol's comment, with what it inherits within the library. What is inherited from elsewhere is left out, as it is
    /// documented there.
    /// </summary>
    public XElement CommentOf(ISymbol symbol)
    {
        XElement comment = _comments.TryGetValue(symbol.GetDocumentationCommentId() ?? "", out XElement? written) ? new XElement(written) : new XElement("member");
        if (comment.Element("inheritdoc") is not { } inherit)
            return comment;
        inherit.Remove();
        ISymbol? source = inherit.Attribute("cref") is { } cref ? Resolve(cref.Value) : InheritedBy(symbol);
        if (source is not null && SymbolEqualityComparer.Default.Equals(source.ContainingAssembly, _symbol))
            comment.Add(CommentOf(source).Elements().Where(part => !comment.Elements().Any(own => SameSubject(own, part))));
        return comment;
    }

    /// <summary>What a member overrides or implements, or a type is derived from.</summary>
    public static ISymbol? InheritedBy(ISymbol symbol)
    {
        ISymbol? overridden = symbol switch
        {
            IMethodSymbol method => method.OverriddenMethod,
            IPropertySymbol property => property.OverriddenProperty,
            INamedTypeSymbol type => type.BaseType,
            _ => null,
        };
        return overridden ?? symbol.ContainingType?.AllInterfaces.SelectMany(one => one.GetMembers())
            .FirstOrDefault(member => SymbolEqualityComparer.Default.Equals(symbol.ContainingType.FindImplementationForInterfaceMember(member), symbol));
    }

    private static bool SameSubject(XElement one, XElement other) =>
        one.Name == other.Name && one.Attribute("name")?.Value == other.Attribute("name")?.Value && one.Attribute("cref")?.Value == other.Attribute("cref")?.Value;

    private static bool IsGenerated(ISymbol member) => member.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == CompilerGenerated);

    private static bool IsVisible(ISymbol symbol) =>
        symbol.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal
        && (symbol.ContainingType is null || IsVisible(symbol.ContainingType));

    private static IEnumerable<INamedTypeSymbol> TypesOf(INamespaceOrTypeSymbol container) => container.GetMembers().SelectMany(member => member switch
    {
        INamespaceSymbol inner => TypesOf(inner),
        INamedTypeSymbol type when IsVisible(type) => [type, .. TypesOf(type)],
        _ => [],
    });
}
