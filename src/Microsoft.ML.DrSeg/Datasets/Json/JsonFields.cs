using System.Globalization;
using System.Text.Json;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>Fields of annotation records, with errors that name the field and show its value.</summary>
internal static class JsonFields
{
    public static JsonElement Field(this JsonElement record, string name) => record.FieldOrNull(name)
        ?? throw new InvalidDataException($"the field '{name}' is missing.");

    public static JsonElement? FieldOrNull(this JsonElement record, string name) =>
        record.ValueKind != JsonValueKind.Object ? throw new InvalidDataException($"expected an object, found {record.ValueKind}.")
        : record.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public static long WholeOf(this JsonElement record, string name) => record.Field(name).Whole(name);

    public static string TextOf(this JsonElement record, string name) => record.Field(name).Text(name);

    public static IEnumerable<JsonElement> ItemsOf(this JsonElement record, string name) => record.Field(name).Items(name);

    /// <summary>The value as a whole number, which tools also write as 1.0 or "1".</summary>
    /// <param name="name">What it is called in messages; likewise below.</param>
    public static long Whole(this JsonElement value, string name) => value.WholeOrNull() ?? throw Wrong(value, name, "a whole number");

    /// <summary>An id, which is a whole number or a text.</summary>
    public static string Id(this JsonElement value, string name) =>
        value.WholeOrNull() is { } number ? number.ToString(CultureInfo.InvariantCulture)
        : value.ValueKind == JsonValueKind.String ? value.GetString()!
        : throw Wrong(value, name, "a whole number or a text");

    public static double Number(this JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) ? number : throw Wrong(value, name, "a finite number");

    public static string Text(this JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Wrong(value, name, "a text");

    public static IEnumerable<JsonElement> Items(this JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : throw Wrong(value, name, "an array");

    public static double[] Numbers(this JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.Array)
            throw Wrong(value, name, "an array of numbers");
        double[] numbers = new double[value.GetArrayLength()];
        int at = 0;
        foreach (JsonElement item in value.EnumerateArray())
            numbers[at++] = item.Number(name);
        return numbers;
    }

    /// <summary>Whether the field is there and neither false nor 0.</summary>
    public static bool Flag(this JsonElement record, string name) => record.FieldOrNull(name) switch
    {
        null => false,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } value => value.Whole(name) != 0,
    };

    /// <summary>A number without a fraction, of at most 2^53 where it is written with one; null for anything else.</summary>
    public static long? WholeOf(double number) => double.IsInteger(number) && Math.Abs(number) <= 1L << 53 ? (long)number : null;

    private static long? WholeOrNull(this JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.TryGetInt64(out long whole) ? whole : value.TryGetDouble(out double number) ? WholeOf(number) : null,
        JsonValueKind.String when long.TryParse(value.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) => whole,
        _ => null,
    };

    public static InvalidDataException Wrong(JsonElement value, string name, string wanted)
    {
        string raw = value.GetRawText();
        return new($"'{name}' must be {wanted}, not {(raw.Length > 40 ? raw[..40] + "..." : raw)}.");
    }
}
