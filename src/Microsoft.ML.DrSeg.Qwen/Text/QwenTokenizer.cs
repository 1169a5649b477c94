using System.Text;
using Microsoft.ML.Tokenizers;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Text as a Qwen model's token ids and back: added tokens by themselves; what lies between them composed, cut into pieces and
/// split into byte-level tokens. Checked against cases of a hand-made vocabulary. Safe to use from several threads.
/// </summary>
internal sealed class QwenTokenizer
{
    private readonly BpeTokenizer _pieces;
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<int, AddedToken> _added;
    private readonly HashSet<int> _ordinary;
    private readonly AddedToken[] _longestFirst;
    private readonly string _source;

    private QwenTokenizer(QwenVocabulary vocabulary, string source)
    {
        _source = source;
        _pieces = BpeTokenizer.Create(new BpeOptions(vocabulary.Tokens) { Merges = vocabulary.Merges, ByteLevel = true, PreTokenizer = new QwenPreTokenizer() });
        _ordinary = [.. vocabulary.Tokens.Values];
        _added = vocabulary.Added.ToDictionary(token => token.Id);
        _ids = vocabulary.Added.ToDictionary(token => token.Text, token => token.Id);
        _longestFirst = [.. vocabulary.Added.OrderByDescending(token => token.Text.Length)];
        Count = Math.Max(_ordinary.Max(), _added.Keys.DefaultIfEmpty(0).Max()) + 1;
    }

    /// <summary>One more than the highest id. Rows of the model's embedding from here on stand for nothing.</summary>
    public int Count { get; }

    /// <summary>Ids that steer the model instead of being text.</summary>
    public IEnumerable<int> SpecialIds => _added.Values.Where(token => token.Special).Select(token => token.Id);

    /// <summary>Reads the tokenizer of a folder in Hugging Face's layout.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or two of them do not belong together.</exception>
    public static QwenTokenizer Load(string folder) => new(QwenVocabulary.Read(folder), folder);

    /// <summary>The id of an added token.</summary>
    /// <param name="token">As it is written, such as <c>&lt;|im_end|&gt;</c>.</param>
    /// <exception cref="InvalidDataException">The model has none such.</exception>
    public int Id(string token) => _ids.TryGetValue(token, out int id)
        ? id
        : throw new InvalidDataException($"The tokenizer in '{_source}' has no added token '{token}': it is not one of a Qwen visual language model.");

    /// <summary>What is wrong with a text, for whoever gave it; null where it can be encoded.</summary>
    public static string? Problem(string text) => LoneSurrogate(text) ?? ComposedText.Problem(text) ?? QwenPreTokenizer.Problem(text);

    /// <summary>The ids of a text of our own, in which added tokens are meant as such.</summary>
    /// <exception cref="ArgumentException">It is no text: see <see cref="Problem"/>.</exception>
    public int[] Encode(string text) => Encode([new(text, Trusted: true)]);

    /// <summary>The ids of parts that follow each other as one text. Added tokens count only where they lie in a trusted part as a whole.</summary>
    /// <exception cref="ArgumentException">A part is no text: see <see cref="Problem"/>.</exception>
    public int[] Encode(IEnumerable<TextPart> parts)
    {
        var ids = new List<int>();
        var between = new StringBuilder();
        foreach ((string text, bool trusted) in parts)
        {
            if (Problem(text) is { } problem)
                throw new ArgumentException(problem, nameof(parts));
            int start = 0;
            while (trusted && NextAdded(text, start) is var (at, token))
            {
                AddPieces(between.Append(text, start, at - start), ids);
                ids.Add(token.Id);
                start = at + token.Text.Length;
            }
            between.Append(text, start, text.Length - start);
        }
        AddPieces(between, ids);
        return [.. ids];
    }

    /// <summary>The text of a whole answer, special tokens left out. Bytes that are no character become U+FFFD.</summary>
    /// <param name="ids">Ids below <see cref="Count"/>.</param>
    /// <exception cref="ArgumentException">An id stands for nothing.</exception>
    public string Decode(IEnumerable<int> ids)
    {
        var text = new StringBuilder();
        var run = new List<int>();
        foreach (int id in ids)
        {
            if (_ordinary.Contains(id))
            {
                run.Add(id);
                continue;
            }
            if (!_added.TryGetValue(id, out AddedToken? token))
                throw new ArgumentException($"The tokenizer in '{_source}' has no token of the id {id}.", nameof(ids));
            text.Append(_pieces.Decode(run));
            run.Clear();
            text.Append(token.Special ? "" : token.Text);
        }
        return text.Append(_pieces.Decode(run)).ToString();
    }

    private (int At, AddedToken Token)? NextAdded(string text, int start)
    {
        (int At, AddedToken Token)? first = null;
        foreach (AddedToken token in _longestFirst)
            if (text.IndexOf(token.Text, start, StringComparison.Ordinal) is >= 0 and var at && !(at >= first?.At))
                first = (at, token);
        return first;
    }

    private void AddPieces(StringBuilder text, List<int> ids)
    {
        if (text.Length > 0)
            ids.AddRange(_pieces.EncodeToIds(ComposedText.Of(text.ToString()), considerNormalization: false));
        text.Clear();
    }

    private static string? LoneSurrogate(string text)
    {
        for (int at = 0; at < text.Length; at++)
            if (char.IsSurrogate(text[at]))
            {
                if (at + 1 == text.Length || !char.IsSurrogatePair(text[at], text[at + 1]))
                    return $"Character {at} (U+{(int)text[at]:X4}) is half of a surrogate pair, which is no text.";
                at++;
            }
        return null;
    }
}
