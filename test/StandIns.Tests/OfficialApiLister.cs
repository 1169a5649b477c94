using System.Reflection;
using System.Runtime.CompilerServices;

namespace StandIns.Tests;

/// <summary>
/// Lists what other assemblies see of a type, one line for the type and one for each public or protected member,
/// written as C# would declare them, with every name in full:
/// <code>
/// Microsoft.ML.Data.MLImage  sealed class
/// Microsoft.ML.Data.MLImage :: public static Microsoft.ML.Data.MLImage CreateFromFile(string imagePath)
/// </code>
/// Base types and interfaces are left out: a stand-in may implement fewer.
/// </summary>
internal static class OfficialApiLister
{
    private const BindingFlags Declared =
        BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    public static IEnumerable<string> Lines(Assembly assembly) => assembly.GetTypes().Where(IsVisible).SelectMany(Lines);

    public static IEnumerable<string> Lines(Type type)
    {
        var name = OfficialApiNames.Of(type);
        var access = type.IsNestedFamily || type.IsNestedFamORAssem ? "protected " : "";
        var obsolete = type.IsByRefLike ? "" : Obsolete(type); // compilers mark every ref struct so, for older compilers
        yield return $"{name}  {access}{obsolete}{Kind(type)}";
        if (type.IsSubclassOf(typeof(MulticastDelegate))) yield break;
        var members = type.IsEnum ? EnumMembers(type) : type.GetMembers(Declared).Select(Member).OfType<string>();
        foreach (var member in members) yield return $"{name} :: {member}";
    }

    private static bool IsVisible(Type type)
    {
        if (!type.IsNested) return type.IsPublic;
        var inheritable = (type.IsNestedFamily || type.IsNestedFamORAssem) && !type.DeclaringType!.IsSealed;
        return (type.IsNestedPublic || inheritable) && IsVisible(type.DeclaringType!);
    }

    private static string Kind(Type type)
    {
        if (type.IsEnum) return $"{(Has<FlagsAttribute>(type) ? "[Flags] " : "")}enum : {OfficialApiNames.Of(type.GetEnumUnderlyingType())}";
        if (type.IsSubclassOf(typeof(MulticastDelegate)))
        {
            var invoke = type.GetMethod("Invoke")!;
            return $"delegate {Returned(invoke)} ({Parameters(invoke)}){Constraints(type.GetGenericArguments())}";
        }
        if (type.IsInterface) return "interface";
        if (type.IsValueType) return (Has<IsReadOnlyAttribute>(type) ? "readonly " : "") + (type.IsByRefLike ? "ref " : "") + "struct";
        return (type.IsAbstract, type.IsSealed) switch
        {
            (true, true) => "static class",
            (true, false) => "abstract class",
            (false, true) => "sealed class",
            _ => "class",
        };
    }

    private static IEnumerable<string> EnumMembers(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => $"{field.Name} = {field.GetRawConstantValue()}");

    /// <summary>The declaration of a member, or null where no other assembly sees it or another line stands for it.</summary>
    private static string? Member(MemberInfo member) => member switch
    {
        ConstructorInfo { IsStatic: false } constructor when Access(constructor) is { } access =>
            $"{Obsolete(member)}{access} ctor({Parameters(constructor)})",
        FieldInfo { IsSpecialName: false } field when Access(field) is { } access => $"{Obsolete(member)}{access} {Field(field)}",
        PropertyInfo property => Property(property),
        EventInfo { AddMethod: { } add } signal when Access(add) is { } access =>
            $"{Obsolete(member)}{access} {Modifiers(add)}event {OfficialApiNames.Of(signal.EventHandlerType!, signal)} {signal.Name}",
        MethodInfo method when Access(method) is { } access && !IsAccessor(method) && !IsFinalizer(method) =>
            $"{Obsolete(member)}{access} {Modifiers(method)}{Returned(method)} {Method(method)}",
        _ => null,
    };

    private static bool IsAccessor(MethodInfo method) => method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal);

    private static bool IsFinalizer(MethodInfo method) => method is { Name: "Finalize", IsFamily: true } && method.GetParameters().Length == 0;

    private static string Method(MethodInfo method)
    {
        var generic = method.IsGenericMethodDefinition ? method.GetGenericArguments() : [];
        var arguments = generic.Length == 0 ? "" : $"<{string.Join(", ", generic.Select(argument => argument.Name))}>";
        return $"{method.Name}{arguments}({(Has<ExtensionAttribute>(method) ? "this " : "")}{Parameters(method)}){Constraints(generic)}";
    }

    private static string Field(FieldInfo field)
    {
        var type = OfficialApiNames.Of(field.FieldType, field);
        if (field.IsLiteral) return $"const {type} {field.Name} = {OfficialApiNames.Literal(field.GetRawConstantValue())}";
        return $"{(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{type} {field.Name}";
    }

    private static string? Property(PropertyInfo property)
    {
        var getter = property.GetMethod is { } get ? Access(get) : null;
        var setter = property.SetMethod is { } set ? Access(set) : null;
        if (getter is null && setter is null) return null;

        string[] widestFirst = ["public", "protected internal", "protected"];
        var widest = widestFirst.First(access => access == getter || access == setter);
        string Accessor(string? access, string keyword) => access is null ? "" : access == widest ? keyword + "; " : $"{access} {keyword}; ";

        var initOnly = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) == true;
        var indices = property.GetIndexParameters();
        var name = indices.Length == 0 ? property.Name : $"{property.Name}[{string.Join(", ", indices.Select(Parameter))}]";
        var reference = property.PropertyType.IsByRef ? Has<IsReadOnlyAttribute>(property) ? "ref readonly " : "ref " : "";
        var modifiers = Modifiers((getter is null ? property.SetMethod : property.GetMethod)!);
        return $"{Obsolete(property)}{widest} {modifiers}{reference}{OfficialApiNames.Of(property.PropertyType, property)} {name} "
            + $"{{ {Accessor(getter, "get")}{Accessor(setter, initOnly ? "init" : "set")}}}";
    }

    private static string? Access(MethodBase method) =>
        Access(method.IsPublic, method.IsFamily, method.IsFamilyOrAssembly, method.DeclaringType!);

    private static string? Access(FieldInfo field) => Access(field.IsPublic, field.IsFamily, field.IsFamilyOrAssembly, field.DeclaringType!);

    private static string? Access(bool isPublic, bool isFamily, bool isFamilyOrAssembly, Type declaring)
    {
        if (isPublic) return "public";
        if (declaring.IsSealed) return null; // nobody can derive from it to see the member
        return isFamily ? "protected" : isFamilyOrAssembly ? "protected internal" : null;
    }

    private static string Modifiers(MethodInfo method)
    {
        if (method.IsStatic) return method.IsAbstract ? "static abstract " : method.IsVirtual ? "static virtual " : "static ";
        if (method.DeclaringType!.IsInterface) return method.IsAbstract ? "" : "default ";
        if (!method.IsVirtual) return "";
        var overrides = method.GetBaseDefinition().DeclaringType != method.DeclaringType;
        return (method.IsAbstract, overrides, method.IsFinal) switch
        {
            (true, true, _) => "abstract override ",
            (true, false, _) => "abstract ",
            (false, true, true) => "sealed override ",
            (false, true, false) => "override ",
            (false, false, true) => "", // an interface's member, which metadata must call virtual
            _ => "virtual ",
        };
    }

    private static string Returned(MethodInfo method)
    {
        var result = method.ReturnParameter;
        var reference = !result.ParameterType.IsByRef ? "" : IsReadOnly(result) ? "ref readonly " : "ref ";
        return reference + OfficialApiNames.Of(result.ParameterType, result);
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var passing = Has<ParamArrayAttribute>(parameter) ? "params "
            : !parameter.ParameterType.IsByRef ? ""
            : parameter.IsOut && !parameter.IsIn ? "out "
            : parameter.IsIn || IsReadOnly(parameter) ? "in "
            : "ref ";
        var value = parameter.HasDefaultValue ? " = " + OfficialApiNames.DefaultValue(parameter) : parameter.IsOptional ? " = default" : "";
        return $"{passing}{OfficialApiNames.Of(parameter.ParameterType, parameter)} {parameter.Name}{value}";
    }

    private static string Constraints(Type[] genericArguments) => string.Concat(genericArguments.Select(argument =>
    {
        var flags = argument.GenericParameterAttributes;
        var variance = flags.HasFlag(GenericParameterAttributes.Covariant) ? "out "
            : flags.HasFlag(GenericParameterAttributes.Contravariant) ? "in " : "";
        var valueType = flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);

        var constraints = new List<string>();
        if (valueType) constraints.Add(Has<IsUnmanagedAttribute>(argument) ? "unmanaged" : "struct");
        if (flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint)) constraints.Add("class");
        constraints.AddRange(argument.GetGenericParameterConstraints().Where(type => type != typeof(ValueType))
            .Select(type => OfficialApiNames.Of(type)).Order(StringComparer.Ordinal));
        if (!valueType && flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint)) constraints.Add("new()");

        if (constraints.Count == 0) return variance.Length == 0 ? "" : $" where {variance}{argument.Name}";
        return $" where {variance}{argument.Name} : {string.Join(", ", constraints)}";
    }));

    private static string Obsolete(MemberInfo member) => Has<ObsoleteAttribute>(member) ? "[Obsolete] " : "";

    private static bool IsReadOnly(ParameterInfo parameter) =>
        Has<IsReadOnlyAttribute>(parameter) || parameter.GetRequiredCustomModifiers().Any(type => type.Name == "InAttribute");

    private static bool Has<TAttribute>(MemberInfo member) => HasAttribute<TAttribute>(member.GetCustomAttributesData());

    private static bool Has<TAttribute>(ParameterInfo parameter) => HasAttribute<TAttribute>(parameter.GetCustomAttributesData());

    // By name: compilers write some of these attributes into the assembly itself.
    private static bool HasAttribute<TAttribute>(IEnumerable<CustomAttributeData> attributes) =>
        attributes.Any(attribute => attribute.AttributeType.FullName == typeof(TAttribute).FullName);
}
