using System.Buffers;
using System.Text;
using System.Text.Unicode;
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

    /// <summary>Reads a text as an answer about an image. Time and memory are linear in the shorter of the text and its limit.</summary>
    /// <param name="text">What the model wrote.</param>
    /// <param name="width">Width in pixels of the image that the coordinates refer to, positive.</param>
    /// <param name="height">Height in pixels, positive.</param>
    /// <param name="limits">From which size on an answer is over-long; null for the defaults.</param>
    /// <returns>A <see cref="TextAnswer"/>, or a <see cref="FailedAnswer"/> with the first rule that is broken.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The image has no area.</exception>
    public static ParsedAnswer Parse(string text, int width, int height, AnswerLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        limits ??= DefaultLimits;
        if (text.Length > limits.Characters)
            return new FailedAnswer(FailedAnswerReason.OverLong, $"The text has {text.Length} characters; at most {limits.Characters} are read.");

        var utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        try
        {
            return Utf8.FromUtf16(text, utf8, out var read, out var written, replaceInvalidSequences: false) == OperationStatus.Done
                ? Parse(utf8.AsSpan(0, written), width, height, limits)
                : new FailedAnswer(FailedAnswerReason.InvalidText, $"Character {read} is half of a surrogate pair.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(utf8);
        }
    }

    private static ParsedAnswer Parse(ReadOnlySpan<byte> text, int width, int height, AnswerLimits limits)
    {
        var rest = text.Trim(WhiteSpace);
        if (!TryTake(ref rest, "<think>"u8, "</think>"u8, out var thinking) || thinking.IndexOf("<answer>"u8) >= 0)
            return new FailedAnswer(FailedAnswerReason.MalformedThink, "The text must begin with <think>, closed by </think>, and with no <think> or <answer> inside.");
        if (!TryCountLooks(thinking, out var looks))
            return new FailedAnswer(FailedAnswerReason.MalformedLook, "Every <look> must be closed by </look> before the next one opens.");
        rest = rest.TrimStart(WhiteSpace);
        if (!TryTake(ref rest, "<answer>"u8, "</answer>"u8, out var json) || !rest.IsEmpty)
            return new FailedAnswer(FailedAnswerReason.MalformedAnswer, "After </think> must stand <answer>, closed by </answer>, and nothing after it.");

        var reader = new AnsweredObjectsReader(json, width, height, limits.Objects);
        return reader.TryRead(out var objects)
            ? new TextAnswer(objects, Encoding.UTF8.GetString(thinking), looks)
            : new FailedAnswer(reader.Reason, reader.Detail);
    }

    private static ReadOnlySpan<byte> WhiteSpace => " \t\r\n"u8;

    /// <summary>Takes an element off the front; one that opens again before it closes is none.</summary>
    private static bool TryTake(ref ReadOnlySpan<byte> text, ReadOnlySpan<byte> open, ReadOnlySpan<byte> close, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (!text.StartsWith(open))
            return false;
        var end = text.IndexOf(close);
        if (end < 0)
            return false;
        content = text[open.Length..end];
        text = text[(end + close.Length)..];
        return content.IndexOf(open) < 0;
    }

    private static bool TryCountLooks(ReadOnlySpan<byte> thinking, out int count)
    {
        count = 0;
        while (true)
        {
            var next = thinking.IndexOf("<look>"u8);
            var outside = next < 0 ? thinking : thinking[..next];
            if (outside.IndexOf("</look>"u8) >= 0)
                return false;
            if (next < 0)
                return true;
            thinking = thinking[next..];
            if (!TryTake(ref thinking, "<look>"u8, "</look>"u8, out var look))
                return false;
            if (!look.Trim(WhiteSpace).IsEmpty)
                count++;
        }
    }
}
