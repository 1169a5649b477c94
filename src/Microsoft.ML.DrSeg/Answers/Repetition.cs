using System.Text.RegularExpressions;

namespace Microsoft.ML.DrSeg.Answers;

/// <summary>
/// Whether a text talks in circles: the non-repetition reward of the Dr. Seg paper (arXiv 2603.00152).
/// </summary>
public static partial class Repetition
{
    private const int MostRepeats = 1;

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
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var repeats = 0;
        foreach (var part in SentenceEnd().EnumerateSplits(text))
        {
            var sentence = WhiteSpace().Replace(text[part].Trim().Trim(Outside.ToCharArray()), " ").ToLowerInvariant();
            if (sentence.Length > 0 && !seen.Add(sentence) && ++repeats > MostRepeats)
                return 0;
        }
        return 1;
    }

    [GeneratedRegex(@"\b(your\W*reasoning\W*text|your\W*visual\W*focus|more\W*reasoning\W*text)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();

    [GeneratedRegex("[.。!?？！…]+")]
    private static partial Regex SentenceEnd();

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}
