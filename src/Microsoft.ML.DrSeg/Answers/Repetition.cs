using System.Buffers;
using System.Text.RegularExpressions;

namespace Microsoft.ML.DrSeg.Answers;

/// <summary>
/// Whether a text talks in circles: the non-repetition reward of the Dr. Seg paper (arXiv 2603.00152).
/// </summary>
public static partial class Repetition
{
    private const int MostRepeats = 1;

    private static readonly SearchValues<char> SentenceEnds = SearchValues.Create(".。!?？！…");

    private const string Outside = " \"'“”‘’[](){}，,;:、";

    /// <summary>
    /// 0 where sentences are repeated twice or more, or where the text holds the prompt's own placeholder phrases ("your
    /// reasoning text", "your visual focus", "more reasoning text"); otherwise 1. Sentences end at full stops, exclamation
    /// and question marks and ellipses, Latin or Chinese; case, white space and the punctuation around them do not count.
    /// </summary>
    public static double Score(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Placeholder().IsMatch(text))
            return 0;
        // Normalised sentences, one after the other in one buffer; only the first of its kind becomes a string.
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var known = seen.GetAlternateLookup<ReadOnlySpan<char>>();
        var buffer = ArrayPool<char>.Shared.Rent(text.Length);
        try
        {
            var repeats = 0;
            for (var rest = text.AsSpan(); !rest.IsEmpty;)
            {
                var end = rest.IndexOfAny(SentenceEnds);
                var sentence = Normalize((end < 0 ? rest : rest[..end]).Trim().Trim(Outside), buffer);
                if (!sentence.IsEmpty && !known.Add(sentence) && ++repeats > MostRepeats)
                    return 0;
                rest = end < 0 ? [] : rest[(end + 1)..];
            }
            return 1;
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }
    }

    /// <summary>Lower case, and one space for any white space.</summary>
    private static ReadOnlySpan<char> Normalize(ReadOnlySpan<char> sentence, char[] buffer)
    {
        var length = 0;
        foreach (var letter in sentence)
        {
            if (!char.IsWhiteSpace(letter))
                buffer[length++] = char.ToLowerInvariant(letter);
            else if (length == 0 || buffer[length - 1] != ' ')
                buffer[length++] = ' ';
        }
        return buffer.AsSpan(0, length);
    }

    [GeneratedRegex(@"\b(your\W*reasoning\W*text|your\W*visual\W*focus|more\W*reasoning\W*text)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
