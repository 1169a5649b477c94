using System.Text;
using Microsoft.CodeAnalysis;

namespace Microsoft.ML.DrSeg.Documentation.Api;

/// <summary>What symbols are called: in headings, in signatures, and as places to link to.</summary>
internal static class ApiNames
{
    private const int LongestLine = 110;

    private static readonly SymbolDisplayFormat TypeName = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypes,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier
            | SymbolDisplayMiscellaneousOptions.AllowDefaultLiteral | SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers);

    private static readonly SymbolDisplayFormat MemberSignature = TypeName
        .WithGenericsOptions(SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints | SymbolDisplayGenericsOptions.IncludeVariance)
        .WithKindOptions(SymbolDisplayKindOptions.IncludeTypeKeyword)
        .WithMemberOptions(SymbolDisplayMemberOptions.IncludeType | SymbolDisplayMemberOptions.IncludeModifiers | SymbolDisplayMemberOptions.IncludeAccessibility
            | SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeRef)
        .WithParameterOptions(SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeName | SymbolDisplayParameterOptions.IncludeModifiers
            | SymbolDisplayParameterOptions.IncludeDefaultValue | SymbolDisplayParameterOptions.IncludeExtensionThis);

    private static readonly SymbolDisplayFormat DelegateSignature = new(
        delegateStyle: SymbolDisplayDelegateStyle.NameAndSignature,
        typeQualificationStyle: MemberSignature.TypeQualificationStyle,
        genericsOptions: MemberSignature.GenericsOptions,
        memberOptions: MemberSignature.MemberOptions,
        parameterOptions: MemberSignature.ParameterOptions,
        kindOptions: MemberSignature.KindOptions,
        miscellaneousOptions: MemberSignature.MiscellaneousOptions);

    /// <summary>A type's name with those of the types around it, as <c>GrpoSegmentationTrainer.Options</c>.</summary>
    public static string OfType(ITypeSymbol type) => type.ToDisplayString(TypeName);

    /// <summary>A member's own name; a constructor's is its type's, an indexer's <c>this</c>.</summary>
    public static string OfMember(ISymbol member) => member switch
    {
        IMethodSymbol { MethodKind: MethodKind.Constructor } => member.ContainingType.Name,
        IMethodSymbol { MethodKind: MethodKind.Conversion } method => $"{(method.Name == "op_Implicit" ? "implicit" : "explicit")} {OfType(method.ReturnType)}",
        IMethodSymbol { MethodKind: MethodKind.UserDefinedOperator } => member.ToDisplayString(TypeName),
        IPropertySymbol { IsIndexer: true } property => $"this[{string.Join(", ", property.Parameters.Select(one => one.ToDisplayString(MemberSignature)))}]",
        _ => member.Name,
    };

    /// <summary>The page that a symbol stands on.</summary>
    public static string PageOf(ISymbol symbol) => $"{symbol.ContainingNamespace.ToDisplayString()}.md";

    /// <summary>The place of a symbol on its page. Overloads share one.</summary>
    public static string AnchorOf(ISymbol symbol)
    {
        string place = symbol is INamedTypeSymbol type ? OfType(type) : $"{OfType(symbol.ContainingType)}.{symbol.Name.TrimStart('.')}";
        return place.Replace('<', '-').Replace(">", "", StringComparison.Ordinal).Replace(", ", "-", StringComparison.Ordinal);
    }

    /// <summary>A method or constructor as it is declared; one too long for a line has its parameters one below the other.</summary>
    public static string DeclarationOf(IMethodSymbol method) => Wrapped(method.ToDisplayParts(MemberSignature));

    /// <summary>A type as it is declared, with what it is derived from.</summary>
    public static string DeclarationOf(INamedTypeSymbol type)
    {
        if (type.TypeKind == TypeKind.Delegate)
            return Wrapped([new(SymbolDisplayPartKind.Text, null, "public "), .. type.ToDisplayParts(DelegateSignature)]);
        string modifiers = type switch
        {
            { TypeKind: TypeKind.Interface or TypeKind.Enum } => "",
            { IsValueType: true } => (type.IsReadOnly ? "readonly " : "") + (type.IsRefLikeType ? "ref " : ""),
            { IsStatic: true } => "static ",
            { IsAbstract: true } => "abstract ",
            { IsSealed: true } => "sealed ",
            _ => "",
        };
        string kind = type.TypeKind switch
        {
            TypeKind.Interface => "interface",
            TypeKind.Enum => "enum",
            TypeKind.Struct => PublicApi.IsRecord(type) ? "record struct" : "struct",
            _ => PublicApi.IsRecord(type) ? "record" : "class",
        };
        string flags = type.TypeKind == TypeKind.Enum && type.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == nameof(FlagsAttribute)) ? "[Flags]\n" : "";
        string[] bases = [.. BasesOf(type).Select(OfType)];
        return $"{flags}public {modifiers}{kind} {type.ToDisplayString(MemberSignature.WithKindOptions(SymbolDisplayKindOptions.None).WithMemberOptions(SymbolDisplayMemberOptions.None))}{(bases.Length > 0 ? " : " : "")}{string.Join(", ", bases)}";
    }

    /// <summary>A field, property or event by its name, accessors and value, as in <c>Steps = 100</c> or <c>Width { get; }</c>.</summary>
    /// <param name="member">The member.</param>
    /// <param name="value">Its constant or default value as C#; null for none.</param>
    public static string DeclarationOf(ISymbol member, string? value)
    {
        bool isInstance = !member.IsStatic || member.ContainingType.TypeKind == TypeKind.Enum;
        string accessors = member is IPropertySymbol property
            ? $" {{ {(property.GetMethod is { DeclaredAccessibility: not Accessibility.Private and not Accessibility.Internal } ? "get; " : "")}{SetterOf(property)}}}"
            : "";
        return $"{(isInstance ? "" : "static ")}{OfMember(member)}{accessors}{(value is null ? "" : $" = {value}")}";
    }

    /// <summary>How a property can be set from outside; empty where it cannot.</summary>
    public static string SetterOf(IPropertySymbol property) => property.SetMethod switch
    {
        { DeclaredAccessibility: Accessibility.Public, IsInitOnly: true } => "init; ",
        { DeclaredAccessibility: Accessibility.Public } => "set; ",
        _ => "",
    };

    private static IEnumerable<INamedTypeSymbol> BasesOf(INamedTypeSymbol type)
    {
        if (type.TypeKind == TypeKind.Enum)
            yield break;
        if (type.BaseType is { SpecialType: SpecialType.None } ancestor)
            yield return ancestor;
        // Metadata lists what interfaces and ancestors imply too, and every record equals its like.
        foreach (INamedTypeSymbol one in type.Interfaces)
            if (one.DeclaredAccessibility == Accessibility.Public && !(PublicApi.IsRecord(type) && one.Name == nameof(IEquatable<int>))
                && !type.Interfaces.Any(other => other.AllInterfaces.Contains(one, SymbolEqualityComparer.Default))
                && type.BaseType?.AllInterfaces.Contains(one, SymbolEqualityComparer.Default) != true)
                yield return one;
    }

    private static string Wrapped(IReadOnlyList<SymbolDisplayPart> declared)
    {
        // Default values that are members of an enumeration come without its name.
        SymbolDisplayPart[] parts = [.. declared.Select(part => part.Kind == SymbolDisplayPartKind.EnumMemberName
            ? new SymbolDisplayPart(part.Kind, part.Symbol, $"{OfType(part.Symbol!.ContainingType)}.{part}")
            : part)];
        string line = string.Concat(parts);
        if (line.Length <= LongestLine)
            return line;
        var lines = new StringBuilder();
        int parentheses = 0, brackets = 0;
        bool isFresh = false;
        foreach (SymbolDisplayPart part in parts)
        {
            string text = part.ToString();
            parentheses += text == "(" ? 1 : text == ")" ? -1 : 0;
            brackets += text is "<" or "[" ? 1 : text is ">" or "]" ? -1 : 0;
            if (!(isFresh && text == " "))
                lines.Append(text);
            isFresh = parentheses == 1 && brackets == 0 && (text is "(" or ",");
            if (isFresh)
                lines.Append("\n    ");
        }
        return lines.ToString();
    }
}
