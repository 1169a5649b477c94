using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Cuts text into the pieces that tokens never cross. Pattern: huggingface/transformers,
/// <c>src/transformers/models/qwen2/tokenization_qwen2.py</c>.
/// </summary>
/// <remarks>
/// .NET's expressions see the two halves of characters beyond U+FFFF, none of which is a letter or a digit. So such a character
/// is matched as one stand-in of its own kind.
/// </remarks>
internal sealed partial class QwenPreTokenizer : PreTokenizer
{
    // Splitting a piece into tokens can take the square of its length: two minutes for a million spaces.
    private const int LongestPiece = 10_000;

    /// <summary>What keeps a text from being split into tokens in time, for whoever gave it; null where nothing does.</summary>
    public static string? Problem(string text)
    {
        foreach ((int offset, int length) in Cut(text))
            if (length > LongestPiece)
                return $"The {length} characters from {offset} on are one word or one run of white space or signs; at most {LongestPiece} are taken. Shorten it.";
        return null;
    }

    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text) => Cut(text);

    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text) => Cut(text);

    private static List<(int Offset, int Length)> Cut(ReadOnlySpan<char> text)
    {
        var pieces = new List<(int Offset, int Length)>();
        if (text.IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
        {
            foreach (ValueMatch piece in Pieces().EnumerateMatches(text))
                pieces.Add((piece.Index, piece.Length));
            return pieces;
        }
        var standIns = new char[text.Length];
        var places = new int[text.Length + 1];
        int count = 0;
        for (int at = 0; at < text.Length; count++)
        {
            bool pair = at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]);
            places[count] = at;
            standIns[count] = pair ? StandIn(char.ConvertToUtf32(text[at], text[at + 1])) : text[at];
            at += pair ? 2 : 1;
        }
        places[count] = text.Length;
        foreach (ValueMatch piece in Pieces().EnumerateMatches(standIns.AsSpan(0, count)))
            pieces.Add((places[piece.Index], places[piece.Index + piece.Length] - places[piece.Index]));
        return pieces;
    }

    // No letter of the English endings, no digit that is none, and a sign; there is no white space beyond U+FFFF.
    private static char StandIn(int character) => CharUnicodeInfo.GetUnicodeCategory(character) switch
    {
        <= UnicodeCategory.OtherLetter => 'x',
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => '0',
        _ => '*',
    };

    [GeneratedRegex(@"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Pieces();
}
