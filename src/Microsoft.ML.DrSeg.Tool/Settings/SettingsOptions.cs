using System.CommandLine;
using System.ComponentModel;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.LookToConfirm;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>
/// A record of settings as options of a command: every option that the record and its parts declare becomes one of its name, with its
/// description and its default. A JSON file gives any of them, the command line overrides it one by one.
/// </summary>
internal sealed class SettingsOptions<T> where T : class, IOptionRecord, new()
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        WriteIndented = true,
    };

    private readonly List<(DeclaredOption Declared, Option Option, Func<ParseResult, object?> Value)> _options = [];
    private readonly Option<string?> _file = new("--options")
    {
        Description = "JSON file of any of these options, their names in camel case; what the command line gives is stronger",
        HelpName = "file",
    };

    public SettingsOptions()
    {
        MethodInfo make = typeof(SettingsOptions<T>).GetMethod(nameof(Make), BindingFlags.NonPublic | BindingFlags.Static)!;
        foreach (DeclaredOption declared in Declared(new T()))
        {
            var (option, value) = ((Option, Func<ParseResult, object?>))make.MakeGenericMethod(declared.Property.PropertyType).Invoke(null, [declared, declared.Value])!;
            _options.Add((declared, option, value));
        }
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(System.CommandLine.Command command)
    {
        command.Add(_file);
        foreach ((_, Option option, _) in _options) command.Add(option);
    }

    /// <summary>The settings as given.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="otherwise">Names a file to read where the command line names none and there is one; null for none.</param>
    /// <param name="defaults">The defaults where something is given; null for the record's own.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no JSON, or has an option that is unknown or of another kind.</exception>
    public T Read(ParseResult arguments, Func<T, string?>? otherwise = null, Func<T, T>? defaults = null)
    {
        string? path = arguments.GetValue(_file);
        if (path is null && otherwise?.Invoke(Override(new T(), arguments)) is { } other && File.Exists(other)) path = other;
        T Given(T settings) => Override(path is null ? settings : Load(path, settings), arguments);
        T given = Given(new T());
        return defaults is null ? given : Given(defaults(given));
    }

    /// <summary>Writes settings whole, so that the file gives the same settings again.</summary>
    public static void Save(T settings, string path) => AtomicFile.WriteText(path, ToJson(settings).ToJsonString(Json) + "\n");

    /// <summary>Settings whole, to stand beside results in one file.</summary>
    public static JsonObject ToJson(T settings) => new(Declared(settings).Select(option =>
        KeyValuePair.Create(OptionNames.InFile(option.Name), JsonSerializer.SerializeToNode(option.Value, option.Property.PropertyType, Json))));

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

    private Option OptionOf(string property) => _options.Single(entry => entry.Declared.Name == property).Option;

    // A part that is missing has no options that could be given one by one, and how Look-to-Confirm looks is derived from other options. What is not browsable is told in other words.
    private static IEnumerable<DeclaredOption> Declared(T settings) => OptionReading.Options(settings)
        .Where(option => option.Owner is not LookToConfirmOptions && option.Property.GetCustomAttribute<BrowsableAttribute>()?.Browsable != false && !option.Property.PropertyType.IsAssignableTo(typeof(IOptionRecord)));

    private static T Load(string path, T settings)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file '{path}' for --options (looked for at '{Path.GetFullPath(path)}').", path);
        using JsonDocument document = Parse(path);
        if (document.RootElement.ValueKind != JsonValueKind.Object) throw Unfit(path, "it is no JSON object.");
        DeclaredOption[] known = [.. Declared(settings)];
        foreach (JsonProperty given in document.RootElement.EnumerateObject())
        {
            DeclaredOption option = known.FirstOrDefault(one => OptionNames.InFile(one.Name) == given.Name)
                ?? throw Unfit(path, $"there is no '{given.Name}'. The options are: {string.Join(", ", known.Select(one => OptionNames.InFile(one.Name)))}.");
            option.Property.SetValue(option.Owner, Value(path, option.Property, given));
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

    private static InvalidDataException Unfit(string path, string why, Exception? inner = null) => new($"'{path}' does not hold options of this command: {why}", inner);

    // Records' properties are set while they are made; these are made of three sources.
    private T Override(T settings, ParseResult arguments)
    {
        foreach (((_, Option option, Func<ParseResult, object?> value), DeclaredOption declared) in _options.Zip(Declared(settings)))
            if (arguments.GetResult(option) is { Implicit: false })
                declared.Property.SetValue(declared.Owner, value(arguments));
        return settings;
    }

    private static (Option, Func<ParseResult, object?>) Make<TValue>(DeclaredOption declared, TValue standard)
    {
        // An option of a part is about the part, one of the command's own about what it says.
        string? topic = declared.Parts.Append(declared.Property).Select(property => property.GetCustomAttribute<CategoryAttribute>()?.Category).LastOrDefault(category => category is not null)
            ?? (declared.Parts is [.., var part] ? part.Name : null);
        string name = OptionNames.OnCommandLine(declared.Name), description = OptionDescriptions.Of(declared.Property);
        Option<TValue> option = ValueOption.Create(name, standard is true ? $"{description}; '{name} false' for not" : description, standard, topic);
        return (option, arguments => arguments.GetValue(option));
    }
}
