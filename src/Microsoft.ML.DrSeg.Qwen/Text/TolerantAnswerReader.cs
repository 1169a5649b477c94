using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML.DrSeg.Answers;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Reads whatever boxes an answer holds, for prediction: the first <c>answer</c> element, or what follows the thinking, or all of it,
/// is searched for JSON lists and objects, wherever they begin, and else for boxes in Qwen2-VL's notation
/// <c>&lt;|box_start|&gt;(x1,y1),(x2,y2)&lt;|box_end|&gt;</c>, with or without its tokens. What else stands there is passed over.
/// </summary>
internal static partial class TolerantAnswerReader
{
    // Bounds the time that a text of brackets takes.
    private const int MostFalseStarts = 200;

    private static readonly AnswerLimits DefaultLimits = new();

    /// <summary>Reads a text as an answer.</summary>
    /// <param name="text">What the model wrote.</param>
    /// <param name="frame">The largest coordinates; boxes are clipped to it.</param>
    /// <param name="limits">From which size on an answer is over-long; null for the defaults.</param>
    /// <returns>A <see cref="TextAnswer"/> in the coordinates of the text, or why there is none.</returns>
    public static ParsedAnswer Parse(string text, ImageSize frame, AnswerLimits? limits = null)
    {
        limits ??= DefaultLimits;
        if (text.Length > limits.Characters)
            return new FailedAnswer(FailedAnswerReason.OverLong, $"The text has {text.Length} characters; at most {limits.Characters} are read.");
        var found = new FoundObjects(frame);
        string part = AnswerPart(text);
        string? malformed = ReadJson(part, found);
        if (found.Objects.Count == 0)
            foreach (Match box in Corners().Matches(part))
                found.AddBox([.. box.Groups.Values.Skip(1).Select(number => double.Parse(number.Value, CultureInfo.InvariantCulture))], null);

        if (found.Objects.Count > limits.Objects)
            return new FailedAnswer(FailedAnswerReason.OverLong, $"The answer lists {found.Objects.Count} objects; at most {limits.Objects} are read.");
        if (found.Objects.Count > 0 || (found.SaysNone && found.Failure is null))
            return Answer(text, found.Objects);
        return found.Failure ?? (malformed is not null
            ? new(FailedAnswerReason.MalformedJson, malformed)
            : new FailedAnswer(FailedAnswerReason.MalformedAnswer, "The text holds no list of objects and no box."));
    }

    private static string AnswerPart(string text)
    {
        if (text.IndexOf("<answer>", StringComparison.Ordinal) is >= 0 and var start)
        {
            string rest = text[(start + "<answer>".Length)..];
            return rest.IndexOf("</answer>", StringComparison.Ordinal) is >= 0 and var end ? rest[..end] : rest;
        }
        return text.LastIndexOf("</think>", StringComparison.Ordinal) is >= 0 and var thought ? text[(thought + "</think>".Length)..] : text;
    }

    /// <returns>Why the first thing that looked like JSON is none; null where there was no such thing.</returns>
    private static string? ReadJson(string part, FoundObjects found)
    {
        ReadOnlySpan<byte> utf8 = Encoding.UTF8.GetBytes(part);
        string? malformed = null;
        int falseStarts = 0;
        while (falseStarts < MostFalseStarts && utf8.IndexOfAny((byte)'[', (byte)'{') is >= 0 and var start)
        {
            utf8 = utf8[start..];
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { AllowTrailingCommas = true });
            try
            {
                using var json = JsonDocument.ParseValue(ref reader);
                found.Add(json.RootElement);
                utf8 = utf8[(int)reader.BytesConsumed..];
            }
            catch (JsonException error)
            {
                // What begins like JSON and is none is passed over by one character: objects of an unfinished list are still found.
                malformed ??= error.Message;
                falseStarts++;
                utf8 = utf8[1..];
            }
        }
        return malformed;
    }

    private static TextAnswer Answer(string text, List<SegmentedObject> objects)
    {
        int start = text.IndexOf("<think>", StringComparison.Ordinal), end = text.IndexOf("</think>", StringComparison.Ordinal);
        string thinking = start >= 0 && end > start ? text[(start + "<think>".Length)..end] : "";
        var looks = new List<string>();
        return new(objects, thinking, AnswerParser.TryReadLooks(thinking, looks, out _) ? looks : []);
    }

    [GeneratedRegex(@"\(\s*(-?[0-9]+(?:\.[0-9]+)?)\s*,\s*(-?[0-9]+(?:\.[0-9]+)?)\s*\)\s*,?\s*\(\s*(-?[0-9]+(?:\.[0-9]+)?)\s*,\s*(-?[0-9]+(?:\.[0-9]+)?)\s*\)")]
    private static partial Regex Corners();
}
