using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>Options whose values are read so that a mistake is told with the option, the value and what is allowed.</summary>
internal static class ValueOption
{
    /// <summary>An option of one value.</summary>
    /// <param name="name">As "--name".</param>
    /// <param name="description">What it is about, for the help.</param>
    /// <param name="standard">Its value where it is not given; a default that is nothing is not mentioned.</param>
    /// <param name="topic">What the help lists it under; null for the command itself.</param>
    public static Option<T> Create<T>(string name, string description, T standard, string? topic = null)
    {
        var option = new TopicalOption<T>(name, topic) { Description = description };
        if (standard is not null) option.DefaultValueFactory = _ => standard;
        if (typeof(T) == typeof(bool)) return option;
        option.HelpName = HelpName(typeof(T));
        option.CustomParser = result => Parse<T>(name, result);
        return option;
    }

    /// <summary>Lets only some texts be given.</summary>
    public static void AcceptOnly<T>(Option<T> option, IReadOnlyCollection<string> choices)
    {
        option.HelpName = string.Join('|', choices);
        option.CompletionSources.Add(_ => choices.Select(choice => new System.CommandLine.Completions.CompletionItem(choice)));
        option.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => !choices.Contains(token.Value)) is { } other)
                result.AddError($"{option.Name} must be {Choice(choices)}, not '{other.Value}'.");
        });
    }

    /// <summary>What values a type allows, in words.</summary>
    /// <param name="type">The type; one that may be nothing is as one that may not.</param>
    /// <param name="naming">How the names of an enum are written; null for as they are.</param>
    public static string Allowed(Type type, JsonNamingPolicy? naming = null)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum ? Choice(Enum.GetNames(type).Select(name => naming?.ConvertName(name) ?? name))
            : type == typeof(bool) ? "true or false"
            : type == typeof(int) ? "a whole number from -2,147,483,648 to 2,147,483,647"
            : type == typeof(ulong) ? "a whole number, at least 0"
            : type == typeof(double) || type == typeof(float) ? "a number, such as 0.5 or 2e-4"
            : "text";
    }

    private static string Choice(IEnumerable<string> choices) =>
        choices.ToArray() is [.. var rest, var last] && rest.Length > 0 ? $"{string.Join(", ", rest)} or {last}" : string.Concat(choices);

    private static string HelpName(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum ? string.Join('|', Enum.GetNames(type)) : type == typeof(string) ? "text" : type == typeof(double) || type == typeof(float) ? "number" : "whole number";
    }

    private static T? Parse<T>(string option, ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (Parse(Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T), text) is T value) return value;
        result.AddError($"{option} must be {Allowed(typeof(T))}, not '{text}'.");
        return default;
    }

    private sealed class TopicalOption<T>(string name, string? topic) : Option<T>(name), ITopical
    {
        public string? Topic => topic;
    }

    // Null where the text is no value of the type. An enum's are its names alone, hyphens between their words welcome: its numbers are nobody's business.
    private static object? Parse(Type type, string text)
    {
        if (type == typeof(string)) return text;
        if (type == typeof(int)) return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int whole) ? whole : null;
        if (type == typeof(ulong)) return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong natural) ? natural : null;
        if (type == typeof(double)) return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;
        if (type == typeof(float)) return float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float single) ? single : null;
        return Enum.GetNames(type).FirstOrDefault(name => name.Equals(text.Replace("-", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase)) is { } name ? Enum.Parse(type, name) : null;
    }
}
