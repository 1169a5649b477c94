using System.Globalization;
using System.Reflection;
using Microsoft.CodeAnalysis;

namespace Microsoft.ML.DrSeg.Documentation.Api;

/// <summary>
/// The values that members have before anybody sets them. Metadata do not tell the initial values of fields and properties,
/// so an instance is made and asked.
/// </summary>
internal sealed class DefaultValues(Assembly assembly)
{
    private readonly Dictionary<string, object?> _instances = new(StringComparer.Ordinal);

    /// <summary>A constant's value, or the default of a member that can be set, as C#; null where there is none to tell.</summary>
    public string? Of(ISymbol member) => member switch
    {
        IFieldSymbol { HasConstantValue: true } constant => Literal(constant.ConstantValue),
        _ when member.ContainingType.InstanceConstructors.Any(constructor => constructor.Parameters.Any(parameter => parameter.Name == member.Name)) => null,
        IFieldSymbol { IsReadOnly: false, IsStatic: false } => Literal(Read(member)),
        IPropertySymbol { IsIndexer: false, IsStatic: false, IsRequired: false, GetMethod: not null } property when ApiNames.SetterOf(property) != "" => Literal(Read(member)),
        _ => null,
    };

    private object? Read(ISymbol member)
    {
        string name = MetadataName(member.ContainingType);
        Type type = assembly.GetType(name)
            ?? throw new InvalidOperationException($"The assembly '{assembly.Location}' has no type {name}: its metadata were read from another build of it.");
        if (!_instances.TryGetValue(name, out object? instance))
            _instances.Add(name, instance = PublicApi.IsRecord(member.ContainingType) ? WithFewestArguments(type) : WithoutArguments(type));
        return instance is null ? null : member is IFieldSymbol ? type.GetField(member.Name)?.GetValue(instance) : type.GetProperty(member.Name)?.GetValue(instance);
    }

    // What an abstract class begins with is seen in a class derived from it.
    private object? WithoutArguments(Type type) =>
        (type.IsAbstract ? assembly.GetTypes().Where(other => other.IsSubclassOf(type)).OrderBy(other => other.FullName, StringComparer.Ordinal) : Enumerable.Repeat(type, 1))
            .FirstOrDefault(one => !one.IsAbstract && !one.IsValueType && one.GetConstructor(Type.EmptyTypes) is not null) is { } made ? Activator.CreateInstance(made) : null;

    // Most records' constructors only store what they are given, so anything will do; members that they set have no default.
    private static object? WithFewestArguments(Type type)
    {
        if (type.IsAbstract || type.GetConstructors().MinBy(one => one.GetParameters().Length) is not { } constructor)
            return null;
        try
        {
            return constructor.Invoke([.. constructor.GetParameters().Select(parameter => parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null)]);
        }
        catch (TargetInvocationException failure) when (failure.InnerException is ArgumentException)
        {
            return null; // it checks its arguments: there is no instance to ask
        }
    }

    private static string MetadataName(INamedTypeSymbol type) => type.ContainingType is { } outer
        ? $"{MetadataName(outer)}+{type.MetadataName}"
        : $"{type.ContainingNamespace.ToDisplayString()}.{type.MetadataName}";

    // Objects and lists have no short form; what they hold is told where their type is.
    private static string? Literal(object? value) => value switch
    {
        bool truth => truth ? "true" : "false",
        string text => $"\"{text}\"",
        Enum choice => $"{choice.GetType().Name}.{choice}",
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        IFormattable number when value.GetType().IsPrimitive => number.ToString(null, CultureInfo.InvariantCulture),
        _ => null,
    };
}
