using System.Text.RegularExpressions;

namespace Microsoft.ML.DrSeg.Tests.OwnModel;

/// <summary>A tokenizer of an open vocabulary: every word of a sentence is one token, whatever it is, and falls into one of some buckets.</summary>
internal static partial class Sentences
{
    public const int Buckets = 256;

    /// <summary>The words of a sentence, in small letters.</summary>
    public static string[] Words(string sentence) => [.. Word().Matches(sentence).Select(match => match.Value.ToLowerInvariant())];

    public static long[] Encode(string sentence) => [.. Words(sentence).Select(Bucket)];

    // FNV-1a, as string.GetHashCode differs from process to process.
    private static long Bucket(string word) => word.Aggregate(2166136261u, (hash, letter) => unchecked((hash ^ letter) * 16777619u)) % Buckets;

    [GeneratedRegex(@"\p{L}+")]
    private static partial Regex Word();
}
