using System.CommandLine;
using System.ComponentModel;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>
/// A record of settings as options of a command: every property is an option of its name in kebab case, with its description
/// and its default. A JSON file gives any of them, the command line overrides it one by one.
/// </summary>
internal sealed class SettingsOptions<T> where T : class, new()
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        WriteIndented = true,
    };

    private readonly List<(PropertyInfo Property, Option Option, Func<ParseResult, object?> Value)> options = [];
    private readonly Option<string?> file = new("--options")
    {
        Description = "JSON file of any of these options, their names in camel case; what the command line gives is stronger",
        HelpName = "file",
    };

    public SettingsOptions()
    {
        var defaults = new T();
        MethodInfo make = typeof(SettingsOptions<T>).GetMethod(nameof(Make), BindingFlags.NonPublic | BindingFlags.Static)!;
        foreach (PropertyInfo property in typeof(T).GetProperties())
        {
            var (option, value) = ((Option, Func<ParseResult, object?>))make.MakeGenericMethod(property.PropertyType).Invoke(null, [property, property.GetValue(defaults)])!;
            options.Add((property, option, value));
        }
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(System.CommandLine.Command command)
    {
        command.Add(file);
        foreach ((_, Option option, _) in options) command.Add(option);
    }

    /// <summary>The settings as given.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="otherwise">Names a file to read where the command line names none and there is one; null for none.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no JSON, or has an option that is unknown or of another kind.</exception>
    public T Read(ParseResult arguments, Func<T, string?>? otherwise = null)
    {
        string? path = arguments.GetValue(file);
        if (path is null && otherwise?.Invoke(Override(new T(), arguments)) is { } other && File.Exists(other)) path = other;
        return Override(path is null ? new T() : Load(path), arguments);
    }

    /// <summary>Writes settings whole, so that the file gives the same settings again.</summary>
    public static void Save(T settings, string path) => AtomicFile.WriteText(path, JsonSerializer.Serialize(settings, Json) + "\n");

    /// <summary>Settings whole, to stand beside results in one file.</summary>
    public static JsonNode ToJson(T settings) => JsonSerializer.SerializeToNode(settings, Json)!;

    private static T Load(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(path), Json) ?? throw new JsonException("it is empty.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"'{path}' does not hold options of this command: {error.Message} The options are: {string.Join(", ", typeof(T).GetProperties().Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)))}.", error);
        }
    }

    // Records' properties are set while they are made; these are made of three sources.
    private T Override(T settings, ParseResult arguments)
    {
        foreach ((PropertyInfo property, Option option, Func<ParseResult, object?> value) in options)
            if (arguments.GetResult(option) is { Implicit: false })
                property.SetValue(settings, value(arguments));
        return settings;
    }

    private static (Option, Func<ParseResult, object?>) Make<TValue>(PropertyInfo property, TValue standard)
    {
        string description = property.GetCustomAttribute<DescriptionAttribute>()?.Description
            ?? throw new InvalidOperationException($"{typeof(T).Name}.{property.Name} has no description.");
        var option = new Option<TValue>("--" + JsonNamingPolicy.KebabCaseLower.ConvertName(property.Name)) { Description = description };
        // A default that is nothing needs no mention.
        if (standard is not null) option.DefaultValueFactory = _ => standard;
        if (typeof(TValue) != typeof(bool)) option.HelpName = Kind(typeof(TValue));
        return (option, arguments => arguments.GetValue(option));
    }

    private static string Kind(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum ? string.Join('|', Enum.GetNames(type)) : type == typeof(string) ? "text" : type == typeof(int) || type == typeof(ulong) ? "whole number" : "number";
    }
}
