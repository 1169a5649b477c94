using System.Diagnostics.CodeAnalysis;

namespace Microsoft.ML.DrSeg.Compact;

/// <summary>
/// The words a compact policy knows. A query is lower-cased and split at anything but letters and hyphens;
/// articles and the filler words of a request ("segment the dog, please") are passed over.
/// </summary>
public sealed class QueryVocabulary
{
    /// <summary>Length of every encoded query; shorter ones are padded.</summary>
    internal const int QueryLength = 3;

    private const int Padding = 0;
    private static readonly HashSet<string> FillerWords =
        ["a", "an", "the", "please", "segment", "find", "show", "me", "where", "is", "locate", "in", "this", "image", "picture"];

    private readonly Dictionary<string, int> _ids;

    /// <summary>Creates the vocabulary of a set of nouns.</summary>
    /// <param name="nouns">Nouns of one to three words.</param>
    /// <exception cref="ArgumentException">A noun is null, or has no word or more than three.</exception>
    internal QueryVocabulary(IEnumerable<string> nouns)
    {
        Nouns = [.. nouns];
        _ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string noun in Nouns)
        {
            if (noun is null)
                throw new ArgumentException("A noun is null; a noun has words.", nameof(nouns));
            string[] words = Words(noun);
            if (words.Length is 0 or > QueryLength)
                throw new ArgumentException($"The noun '{noun}' has {words.Length} words; a noun has 1 to {QueryLength}.", nameof(nouns));
            foreach (string word in words)
                _ids.TryAdd(word, _ids.Count + 1);
        }
    }

    /// <summary>The nouns, in the order given.</summary>
    public IReadOnlyList<string> Nouns { get; }

    /// <summary>Number of token ids, padding included.</summary>
    internal int Size => _ids.Count + 1;

    /// <summary>Token ids of a query, always <see cref="QueryLength"/> of them.</summary>
    /// <exception cref="ArgumentException">The query has no known word, too many words, or a word that is not known.</exception>
    internal int[] Encode(string query) =>
        TryEncode(query, out int[] tokens, out string? problem) ? tokens : throw new ArgumentException(problem, nameof(query));

    /// <summary>Like <see cref="Encode"/>, but says what is wrong with the query instead of throwing.</summary>
    /// <param name="query">What is asked for.</param>
    /// <param name="tokens">Token ids, as of <see cref="Encode"/>; of no meaning where there is a problem.</param>
    /// <param name="problem">What is wrong, for whoever asked; null where nothing is.</param>
    internal bool TryEncode(string query, out int[] tokens, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(query);
        string[] words = Words(query);
        tokens = new int[QueryLength];
        Array.Fill(tokens, Padding);
        problem = words.Length is 0 or > QueryLength
            ? $"The query '{query}' has {words.Length} words that name something; expected 1 to {QueryLength}, such as '{Nouns[0]}'."
            : null;
        for (int i = 0; i < words.Length && problem is null; i++)
        {
            if (!_ids.TryGetValue(words[i], out tokens[i]))
                problem = $"The query '{query}' has the word '{words[i]}', which this model was not trained on. It knows: {string.Join(", ", Nouns)}.";
        }
        return problem is null;
    }

    /// <summary>Encodes queries one after the other.</summary>
    /// <param name="queries">The queries.</param>
    /// <param name="tokens">Receives <see cref="QueryLength"/> token ids of each.</param>
    internal void EncodeAll(IEnumerable<string> queries, Span<long> tokens)
    {
        int next = 0;
        foreach (string query in queries)
            foreach (int token in Encode(query))
                tokens[next++] = token;
    }

    private static string[] Words(string text) =>
        [.. Split(text.ToLowerInvariant()).Where(word => !FillerWords.Contains(word))];

    private static IEnumerable<string> Split(string text)
    {
        int start = -1;
        for (int i = 0; i <= text.Length; i++)
        {
            bool inside = i < text.Length && (char.IsLetter(text[i]) || text[i] == '-');
            if (inside && start < 0) start = i;
            else if (!inside && start >= 0)
            {
                yield return text[start..i];
                start = -1;
            }
        }
    }
}
