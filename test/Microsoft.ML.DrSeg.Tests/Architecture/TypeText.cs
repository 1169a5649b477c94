using System.Reflection;

namespace Microsoft.ML.DrSeg.Tests.Architecture;

/// <summary>Types as C# writes them, without their namespaces, with a question mark where there may be nothing.</summary>
internal static class TypeText
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void", [typeof(object)] = "object", [typeof(string)] = "string", [typeof(bool)] = "bool", [typeof(char)] = "char",
        [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte", [typeof(short)] = "short", [typeof(ushort)] = "ushort", [typeof(int)] = "int",
        [typeof(uint)] = "uint", [typeof(long)] = "long", [typeof(ulong)] = "ulong", [typeof(float)] = "float", [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
    };

    public static string Of(Type type) => Of(type, null);

    public static string Of(FieldInfo field) => Of(field.FieldType, new NullabilityInfoContext().Create(field));

    public static string Of(PropertyInfo property) => Of(property.PropertyType, new NullabilityInfoContext().Create(property));

    public static string Of(EventInfo happening) => Of(happening.EventHandlerType!, new NullabilityInfoContext().Create(happening));

    public static string Of(ParameterInfo parameter)
    {
        string passed = !parameter.ParameterType.IsByRef ? "" : parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ";
        return passed + Of(parameter.ParameterType, new NullabilityInfoContext().Create(parameter));
    }

    private static string Of(Type type, NullabilityInfo? info)
    {
        if (type.IsByRef)
            return Of(type.GetElementType()!, info);
        if (Nullable.GetUnderlyingType(type) is { } value)
            return $"{Of(value, null)}?";
        string mark = info is { ReadState: NullabilityState.Nullable } && !type.IsValueType && !type.IsGenericParameter ? "?" : "";
        if (type.IsArray)
            return $"{Of(type.GetElementType()!, info?.ElementType)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        if (type.IsPointer)
            return $"{Of(type.GetElementType()!, null)}*";
        return Name(type, info) + mark;
    }

    private static string Name(Type type, NullabilityInfo? info)
    {
        if (Keywords.TryGetValue(type, out string? keyword))
            return keyword;
        if (type.IsGenericParameter)
            return type.Name;
        string name = type.Name.Split('`')[0];
        Type[] all = type.GetGenericArguments();
        Type[] outer = type.DeclaringType?.GetGenericArguments() ?? [];
        string[] own = [.. all.Select((argument, i) => Of(argument, info?.GenericTypeArguments.ElementAtOrDefault(i))).Skip(outer.Length)];
        string text = own.Length > 0 ? $"{name}<{string.Join(", ", own)}>" : name;
        if (type.DeclaringType is not { } declaring)
            return text;
        Type closed = outer.Length > 0 ? declaring.MakeGenericType(all[..outer.Length]) : declaring;
        return $"{Name(closed, null)}.{text}";
    }
}
