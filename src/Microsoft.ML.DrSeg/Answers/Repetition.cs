using System.Buffers;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Microsoft.ML.DrSeg.Answers;

/// <summary>
/// Whether a text talks in circles: the non-repetition reward of the Dr. Seg paper (arXiv 2603.00152).
/// </summary>
internal static partial class Repetition
{
    private const int MostRepeats = 1, Unused = -1;

    // White space, so that it stands in no normalised sentence.
    private const char EndMark = '\n';

    private static readonly SearchValues<char> SentenceEnds = SearchValues.Create(".。!?？！…");

    private const string Outside = " \"'“”‘’[](){}，,;:、";

    /// <summary>
    /// 0 where sentences are repeated twice or more, or where the text holds the prompt's own placeholder phrases ("your
    /// reasoning text", "your visual focus", "more reasoning text"); otherwise 1. Sentences end at full stops, exclamation
    /// and question marks and ellipses, Latin or Chinese; case, white space and the punctuation around them do not count.
    /// </summary>
    public static double Score(ReadOnlySpan<char> text)
    {
        if (Placeholder().IsMatch(text))
            return 0;
        // Normalised sentences, each with an end mark, one after the other in one buffer; and a hash table of where each begins.
        var buffer = ArrayPool<char>.Shared.Rent(text.Length + 1);
        var places = ArrayPool<int>.Shared.Rent((int)BitOperations.RoundUpToPowerOf2((uint)text.Length + 2));
        try
        {
            var table = places.AsSpan(0, 1 << BitOperations.Log2((uint)places.Length));
            table.Fill(Unused);
            int repeats = 0, end = 0;
            for (var rest = text; !rest.IsEmpty;)
            {
                var length = rest.IndexOfAny(SentenceEnds);
                var sentence = Normalize((length < 0 ? rest : rest[..length]).Trim().Trim(Outside), buffer.AsSpan(end));
                rest = length < 0 ? [] : rest[(length + 1)..];
                if (sentence.Length == 1)
                    continue;
                ref var place = ref Find(sentence, buffer, table);
                if (place != Unused && ++repeats > MostRepeats)
                    return 0;
                if (place == Unused)
                    (place, end) = (end, end + sentence.Length);
            }
            return 1;
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
            ArrayPool<int>.Shared.Return(places);
        }
    }

    /// <summary>Where a table says that a sentence begins, or is to say so.</summary>
    private static ref int Find(ReadOnlySpan<char> sentence, ReadOnlySpan<char> buffer, Span<int> table)
    {
        var slot = string.GetHashCode(sentence) & (table.Length - 1);
        while (table[slot] != Unused && !buffer[table[slot]..].StartsWith(sentence))
            slot = (slot + 1) & (table.Length - 1);
        return ref table[slot];
    }

    /// <summary>Lower case, one space for any white space, and an end mark.</summary>
    private static ReadOnlySpan<char> Normalize(ReadOnlySpan<char> sentence, Span<char> buffer)
    {
        var length = 0;
        foreach (var letter in sentence)
        {
            if (!char.IsWhiteSpace(letter))
                buffer[length++] = char.ToLowerInvariant(letter);
            else if (length == 0 || buffer[length - 1] != ' ')
                buffer[length++] = ' ';
        }
        buffer[length++] = EndMark;
        return buffer[..length];
    }

    [GeneratedRegex(@"\b(your\W*reasoning\W*text|your\W*visual\W*focus|more\W*reasoning\W*text)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
