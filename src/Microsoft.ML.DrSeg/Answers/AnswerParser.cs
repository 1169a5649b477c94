using System.Buffers;
using System.Text;
using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Answers;

/// <summary>
/// Reads the answers that Dr. Seg's language models write (arXiv 2603.00152, section 3):
/// <c>&lt;think&gt;..&lt;look&gt;..&lt;/look&gt;..&lt;/think&gt;&lt;answer&gt;[{"bbox_2d":[x0,y0,x1,y1],"point_2d":[x,y]}, ..]&lt;/answer&gt;</c>.
/// </summary>
/// <remarks>
/// Strict, so that nothing can be earned by a text that only resembles an answer: one <c>think</c> and one <c>answer</c>
/// element with nothing but white space around them, each once; the answer a JSON list whose objects have the two keys, once
/// each, and no others; numbers, not strings, all finite; boxes whose far sides lie beyond their near sides. Boxes and points
/// that reach over the border of the image are clamped to it; a box that lies beyond it altogether is an error. Look spans
/// are optional: whether there is one is <see cref="RewardComponent.LookSpan"/>.
/// </remarks>
public static class AnswerParser
{
    private static readonly AnswerLimits DefaultLimits = new();
    private static readonly SearchValues<char> Surrogates = SearchValues.Create([.. Enumerable.Range('\uD800', 0x800).Select(unit => (char)unit)]);

    /// <summary>Reads a text as an answer about an image. Time and memory are linear in the shorter of the text and its limit.</summary>
    /// <param name="text">What the model wrote.</param>
    /// <param name="width">Width in pixels of the image that the coordinates refer to, positive.</param>
    /// <param name="height">Height in pixels, positive.</param>
    /// <param name="limits">From which size on an answer is over-long; null for the defaults.</param>
    /// <returns>A <see cref="TextAnswer"/>, or a <see cref="FailedAnswer"/> with the first rule that is broken.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The image has no area.</exception>
    public static ParsedAnswer Parse(string text, int width, int height, AnswerLimits? limits = null)
    {
        var objects = new List<SegmentedObject>();
        if (Read(text, width, height, limits, objects, out var thinking, out _) is { } failed)
            return failed;
        var looks = new List<string>();
        TryReadLooks(thinking, looks, out _);
        return new TextAnswer([.. objects], thinking.ToString(), [.. looks]);
    }

    /// <summary>Like <see cref="Parse"/>, into a list that is used again for every answer.</summary>
    /// <param name="objects">Receives the objects, in place of what it held.</param>
    /// <param name="thinking">What stands between the think tags.</param>
    /// <param name="looks">How many look spans are not blank.</param>
    /// <returns>Null, or why it is no answer.</returns>
    internal static FailedAnswer? Read(
        string text, int width, int height, AnswerLimits? limits, List<SegmentedObject> objects, out ReadOnlySpan<char> thinking, out int looks)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        limits ??= DefaultLimits;
        objects.Clear();
        thinking = default;
        looks = 0;
        if (text.Length > limits.Characters)
            return new(FailedAnswerReason.OverLong, $"The text has {text.Length} characters; at most {limits.Characters} are read.");
        if (LoneSurrogate(text) is { } place)
            return new(FailedAnswerReason.InvalidText, $"Character {place} is half of a surrogate pair.");

        var rest = text.AsSpan().Trim(WhiteSpace);
        if (!TryTake(ref rest, "<think>", "</think>", out thinking) || thinking.Contains("<answer>", StringComparison.Ordinal))
            return new(FailedAnswerReason.MalformedThink, "The text must begin with <think>, closed by </think>, and with no <think> or <answer> inside.");
        if (!TryReadLooks(thinking, null, out looks))
            return new(FailedAnswerReason.MalformedLook, "Every <look> must be closed by </look> before the next one opens.");
        rest = rest.TrimStart(WhiteSpace);
        if (!TryTake(ref rest, "<answer>", "</answer>", out var json) || !rest.IsEmpty)
            return new(FailedAnswerReason.MalformedAnswer, "After </think> must stand <answer>, closed by </answer>, and nothing after it.");

        var utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(json.Length));
        try
        {
            var reader = new AnsweredObjectsReader(utf8.AsSpan(0, Encoding.UTF8.GetBytes(json, utf8)), width, height, limits.Objects);
            return reader.TryRead(objects) ? null : new(reader.Reason, reader.Detail);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(utf8);
        }
    }

    private static int? LoneSurrogate(ReadOnlySpan<char> text)
    {
        for (var at = 0; ; at += 2)
        {
            var next = text[at..].IndexOfAny(Surrogates);
            if (next < 0)
                return null;
            at += next;
            if (at + 1 == text.Length || !char.IsSurrogatePair(text[at], text[at + 1]))
                return at;
        }
    }

    private const string WhiteSpace = " \t\r\n";

    /// <summary>Takes an element off the front; one that opens again before it closes is none.</summary>
    private static bool TryTake(scoped ref ReadOnlySpan<char> text, scoped ReadOnlySpan<char> open, scoped ReadOnlySpan<char> close, out ReadOnlySpan<char> content)
    {
        content = default;
        if (!text.StartsWith(open))
            return false;
        var end = text.IndexOf(close);
        if (end < 0)
            return false;
        content = text[open.Length..end];
        text = text[(end + close.Length)..];
        return !content.Contains(open, StringComparison.Ordinal);
    }

    /// <summary>Reads the look spans of a thinking, blank ones left out.</summary>
    /// <param name="thinking">What stands between the think tags.</param>
    /// <param name="looks">Receives them; null where their number is enough.</param>
    /// <param name="count">How many there are.</param>
    /// <returns>False where one is not closed before the next opens.</returns>
    internal static bool TryReadLooks(ReadOnlySpan<char> thinking, List<string>? looks, out int count)
    {
        count = 0;
        while (true)
        {
            var next = thinking.IndexOf("<look>");
            var outside = next < 0 ? thinking : thinking[..next];
            if (outside.Contains("</look>", StringComparison.Ordinal))
                return false;
            if (next < 0)
                return true;
            thinking = thinking[next..];
            if (!TryTake(ref thinking, "<look>", "</look>", out var look))
                return false;
            if (look.Trim(WhiteSpace).IsEmpty)
                continue;
            count++;
            looks?.Add(look.ToString());
        }
    }
}
