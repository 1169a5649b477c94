using System.Text.Json;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>A part of a config.json, whose errors say where in which file the fault is.</summary>
/// <param name="Json">The part; of any kind.</param>
/// <param name="Source">The file.</param>
/// <param name="Path">What the names of the fields begin with in errors, such as <c>vision_config.</c>.</param>
internal readonly record struct ConfigSection(JsonElement Json, string Source, string Path)
{
    /// <summary>More layers than any model has.</summary>
    public const int MostLayers = 1000;

    // More than any model's width or vocabulary; the bytes of a tensor of two such sides stay far from 2^63.
    private const int Largest = 1 << 20;

    /// <summary>Whether a field is there and not null.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>A part of this part.</summary>
    public ConfigSection Section(string name) => new(Required(name), Source, $"{Path}{name}.");

    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    /// <param name="name">The field.</param>
    /// <param name="otherwise">Its value where the field is left out; null where it must be there.</param>
    /// <param name="least">The least that it may be.</param>
    /// <param name="most">The most that it may be.</param>
    public int Whole(string name, int? otherwise = null, int least = 1, int most = Largest)
    {
        if (otherwise is { } value && !Has(name))
            return value;
        JsonElement found = Required(name);
        return found.ValueKind == JsonValueKind.Number && found.TryGetInt32(out int number) && number >= least && number <= most
            ? number
            : throw Unexpected(name, found, $"a whole number from {least} to {most}");
    }

    /// <summary>A finite number above zero.</summary>
    public double Positive(string name, double? otherwise = null)
    {
        if (otherwise is { } value && !Has(name))
            return value;
        JsonElement found = Required(name);
        return found.ValueKind == JsonValueKind.Number && found.GetDouble() is > 0 and < double.PositiveInfinity and var number
            ? number
            : throw Unexpected(name, found, "a number above 0");
    }

    /// <summary>Whole numbers, zero included.</summary>
    public IReadOnlyList<int> WholeList(string name, IReadOnlyList<int>? otherwise = null)
    {
        if (otherwise is not null && !Has(name))
            return otherwise;
        JsonElement found = Required(name);
        if (found.ValueKind != JsonValueKind.Array || found.EnumerateArray().Any(element => !IsWhole(element)))
            throw Unexpected(name, found, "a list of whole numbers");
        return [.. found.EnumerateArray().Select(element => element.GetInt32())];
    }

    public bool? Flag(string name) => Find(name) is not { } found ? null
        : found.ValueKind is JsonValueKind.True or JsonValueKind.False ? found.GetBoolean()
        : throw Unexpected(name, found, "true or false");

    public string Text(string name)
    {
        JsonElement found = Required(name);
        return found.ValueKind == JsonValueKind.String ? found.GetString()! : throw Unexpected(name, found, "a text");
    }

    /// <summary>Refuses a model that computes otherwise than it is computed here.</summary>
    /// <exception cref="InvalidDataException">The field is there, and none of these.</exception>
    public void Expect(string name, params string[] values)
    {
        if (Has(name) && !values.Contains(Text(name)))
            throw Unexpected(name, Required(name), string.Join(" or ", values));
    }

    public InvalidDataException Unexpected(string name, JsonElement found, string expected) =>
        new($"'{Source}' gives {Path}{name} as {Shortened(found.GetRawText())}; expected {expected}.");

    public InvalidDataException Fault(string problem) => new($"'{Source}': {problem}");

    private JsonElement Required(string name) => Find(name) ?? throw new InvalidDataException($"'{Source}' has no {Path}{name}.");

    private JsonElement? Find(string name) =>
        Json.ValueKind != JsonValueKind.Object ? throw new InvalidDataException($"'{Source}' is no object of fields{(Path.Length > 0 ? $" at {Path.TrimEnd('.')}" : "")}.")
        : Json.TryGetProperty(name, out JsonElement found) && found.ValueKind != JsonValueKind.Null ? found : null;

    private static bool IsWhole(JsonElement element) => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out int number) && number is >= 0 and <= Largest;

    private static string Shortened(string text) => text.Length > 100 ? $"{text.AsSpan(0, 100)}.." : text;
}
