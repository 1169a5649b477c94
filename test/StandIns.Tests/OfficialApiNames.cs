using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace StandIns.Tests;

/// <summary>Types and constants in C#'s own writing, for <see cref="OfficialApiLister"/>.</summary>
internal static class OfficialApiNames
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void", [typeof(object)] = "object", [typeof(string)] = "string", [typeof(bool)] = "bool", [typeof(char)] = "char",
        [typeof(sbyte)] = "sbyte", [typeof(byte)] = "byte", [typeof(short)] = "short", [typeof(ushort)] = "ushort",
        [typeof(int)] = "int", [typeof(uint)] = "uint", [typeof(long)] = "long", [typeof(ulong)] = "ulong",
        [typeof(float)] = "float", [typeof(double)] = "double", [typeof(decimal)] = "decimal",
    };

    /// <param name="type">The type to name; of a reference, what it refers to.</param>
    /// <param name="declaration">The parameter, field, property or event of this type, which knows the names of tuple elements.</param>
    public static string Of(Type type, ICustomAttributeProvider? declaration = null)
    {
        var tuple = declaration?.GetCustomAttributes(typeof(TupleElementNamesAttribute), false).OfType<TupleElementNamesAttribute>().SingleOrDefault();
        return Of(type.IsByRef ? type.GetElementType()! : type, new Queue<string?>(tuple?.TransformNames ?? []));
    }

    private static string Of(Type type, Queue<string?> tupleNames)
    {
        if (type.IsGenericParameter) return type.Name;
        if (Keywords.TryGetValue(type, out var keyword)) return keyword;
        if (type.IsPointer) return Of(type.GetElementType()!, tupleNames) + "*";
        if (type.IsArray) return Array(type, tupleNames);
        if (Nullable.GetUnderlyingType(type) is { } underlying && !type.IsGenericTypeDefinition) return Of(underlying, tupleNames) + "?";
        if (type.IsAssignableTo(typeof(ITuple)) && type is { IsValueType: true, IsConstructedGenericType: true } && type.GenericTypeArguments.Length is > 1 and < 8)
            return Tuple(type.GenericTypeArguments, tupleNames);
        return Nested(type, tupleNames);
    }

    // C# writes the outermost rank first, reflection the innermost.
    private static string Array(Type type, Queue<string?> tupleNames)
    {
        var ranks = "";
        for (; type.IsArray; type = type.GetElementType()!) ranks += $"[{new string(',', type.GetArrayRank() - 1)}]";
        return Of(type, tupleNames) + ranks;
    }

    // The names of a tuple's elements come before those of the tuples inside it.
    private static string Tuple(Type[] elements, Queue<string?> tupleNames)
    {
        var names = elements.Select(_ => tupleNames.TryDequeue(out var name) ? name : null).ToList();
        return $"({string.Join(", ", elements.Zip(names, (element, name) => Of(element, tupleNames) + (name is null ? "" : " " + name)))})";
    }

    // Reflection keeps the generic arguments of all enclosing types on the innermost one.
    private static string Nested(Type type, Queue<string?> tupleNames)
    {
        var enclosing = type.DeclaringType;
        var inherited = enclosing?.GetGenericArguments().Length ?? 0;
        var arguments = type.GetGenericArguments();
        string prefix;
        if (enclosing is null) prefix = type.Namespace is null ? "" : type.Namespace + ".";
        else prefix = Of(inherited == 0 ? enclosing : enclosing.MakeGenericType(arguments[..inherited]), tupleNames) + ".";
        var own = arguments.Length == inherited ? "" : $"<{string.Join(", ", arguments[inherited..].Select(argument => Of(argument, tupleNames)))}>";
        return prefix + type.Name.Split('`')[0] + own;
    }

    public static string DefaultValue(ParameterInfo parameter)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        if (parameter.RawDefaultValue is not { } value)
        {
            var valueType = parameter.ParameterType.IsValueType && type == parameter.ParameterType;
            return valueType || type.IsGenericParameter ? "default" : "null";
        }
        if (!type.IsEnum) return Literal(value);
        var member = type.GetFields(BindingFlags.Public | BindingFlags.Static).FirstOrDefault(field => value.Equals(field.GetRawConstantValue()));
        return member is null ? $"({Of(type)}){value}" : $"{Of(type)}.{member.Name}";
    }

    public static string Literal(object? value) => value switch
    {
        null => "null",
        true => "true",
        false => "false",
        string text => $"\"{text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n").Replace("\r", "\\r").Replace("\t", "\\t")}\"",
        char letter => letter < ' ' ? $"'\\u{(int)letter:x4}'" : $"'{letter}'",
        float number => number.ToString("R", CultureInfo.InvariantCulture) + "f",
        double number => number.ToString("R", CultureInfo.InvariantCulture) + "d",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
