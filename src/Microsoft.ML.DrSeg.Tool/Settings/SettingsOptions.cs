using System.CommandLine;
using System.ComponentModel;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.ML.DrSeg.Common;

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
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
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

    /// <summary>Refuses a command line that gives both of two options, by the names of their properties.</summary>
    public void Exclude(System.CommandLine.Command command, string one, string other)
    {
        Option first = OptionOf(one), second = OptionOf(other);
        command.Validators.Add(result =>
        {
            if (result.GetResult(first) is { Implicit: false } && result.GetResult(second) is { Implicit: false })
                result.AddError($"{first.Name} and {second.Name} exclude each other; give one of them.");
        });
    }

    private Option OptionOf(string property) => options.Single(entry => entry.Property.Name == property).Option;

    private static T Load(string path)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file '{path}' for --options (looked for at '{Path.GetFullPath(path)}').", path);
        using JsonDocument document = Parse(path);
        if (document.RootElement.ValueKind != JsonValueKind.Object) throw Unfit(path, "it is no JSON object.");
        var settings = new T();
        foreach (JsonProperty given in document.RootElement.EnumerateObject())
        {
            PropertyInfo property = typeof(T).GetProperties().FirstOrDefault(known => JsonName(known) == given.Name)
                ?? throw Unfit(path, $"there is no '{given.Name}'. The options are: {string.Join(", ", typeof(T).GetProperties().Select(JsonName))}.");
            property.SetValue(settings, Value(path, property, given));
        }
        return settings;
    }

    private static JsonDocument Parse(string path)
    {
        try
        {
            return JsonDocument.Parse(File.ReadAllText(path), new JsonDocumentOptions { CommentHandling = Json.ReadCommentHandling, AllowTrailingCommas = Json.AllowTrailingCommas });
        }
        catch (JsonException error)
        {
            // The parser counts from 0, and says so in words at the end of its message.
            throw Unfit(path, $"line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}: {error.Message.Split(" LineNumber:")[0]}", error);
        }
    }

    private static object? Value(string path, PropertyInfo property, JsonProperty given)
    {
        bool mayBeNull = new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable;
        try
        {
            return given.Value.ValueKind != JsonValueKind.Null || mayBeNull
                ? given.Value.Deserialize(property.PropertyType, Json)
                : throw new JsonException("A value must be given.");
        }
        catch (JsonException error)
        {
            throw Unfit(path, $"'{given.Name}' must be {ValueOption.Allowed(property.PropertyType, JsonNamingPolicy.CamelCase)}, not {given.Value.GetRawText()}.", error);
        }
    }

    private static string JsonName(PropertyInfo property) => JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    private static InvalidDataException Unfit(string path, string why, Exception? inner = null) => new($"'{path}' does not hold options of this command: {why}", inner);

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
        Option<TValue> option = ValueOption.Create("--" + JsonNamingPolicy.KebabCaseLower.ConvertName(property.Name), description, standard);
        return (option, arguments => arguments.GetValue(option));
    }
}
