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

    /// <summary>Composes a text.</summary>
    /// <param name="text">Any text of whole characters.</param>
    /// <exception cref="ArgumentException">More than a thousand marks follow each other, which is no language's text.</exception>
    public static string Of(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', (char)(FirstToCompose - 1)))
            return text;
        int marks = 0;
        foreach (Rune character in text.EnumerateRunes())
        {
            bool mark = Rune.GetUnicodeCategory(character) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
            marks = mark ? marks + 1 : 0;
            if (marks > MostMarks)
                throw new ArgumentException($"The text has more than {MostMarks} combining marks in a row, which no language needs.", nameof(text));
        }
        return ENSNormalize.NF.NFC(text);
    }
}
