using System.Globalization;
using System.Text;
using ADRaffy.ENSNormalize;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Normalization form C of Unicode (annex 15), which the tokenizer wants. Programs of this library run without the globalisation
/// data of the system, where <see cref="string.Normalize()"/> gives such text back as it was, without a word.
/// </summary>
internal static class ComposedText
{
    // Everything below is composed already, and so is all text of it.
    private const char FirstToCompose = '\u0300';

    // Sorting marks takes the square of their number; annex 15 itself suggests 30 as the most that any language needs.
    private const int MostMarks = 1_000;

    /// <summary>What keeps a text from being composed, for whoever gave it; null where nothing does.</summary>
    public static string? Problem(string text)
    {
        int marks = 0;
        foreach (Rune character in text.EnumerateRunes())
        {
            bool mark = Rune.GetUnicodeCategory(character) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
            marks = mark ? marks + 1 : 0;
            if (marks > MostMarks)
                return $"The text has more than {MostMarks} combining marks in a row, which no language needs.";
        }
        return null;
    }

    /// <summary>Composes a text.</summary>
    /// <param name="text">A text without a <see cref="Problem"/>.</param>
    public static string Of(string text) =>
        text.AsSpan().ContainsAnyExceptInRange('\0', (char)(FirstToCompose - 1)) ? ENSNormalize.NF.NFC(text) : text;
}
