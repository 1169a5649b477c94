using System.Text.Json;
using Microsoft.ML.DrSeg.Datasets;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>A token beside those that text is split into: it stands for itself, whatever is around it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Text">What it is written as.</param>
/// <param name="Special">Whether it steers the model, such as <c>&lt;|im_end|&gt;</c>, rather than being part of an answer's text.</param>
internal sealed record AddedToken(int Id, string Text, bool Special);

/// <summary>
/// What the files of a Qwen folder say of its tokens: <c>vocab.json</c> and <c>merges.txt</c>, or <c>tokenizer.json</c> where a folder
/// has that alone, as newer versions of transformers save it; added tokens from <c>tokenizer_config.json</c> or <c>tokenizer.json</c>.
/// </summary>
/// <param name="Tokens">Ids of the tokens that text is split into, written in <see cref="ByteAlphabet"/>.</param>
/// <param name="Merges">Pairs of tokens, with a space between, in the order in which they are joined.</param>
/// <param name="Added">The added tokens.</param>
internal sealed record QwenVocabulary(IReadOnlyDictionary<string, int> Tokens, IReadOnlyList<string> Merges, IReadOnlyList<AddedToken> Added)
{
    private const string Vocabulary = "vocab.json", MergeList = "merges.txt", Whole = "tokenizer.json", Settings = "tokenizer_config.json";

    /// <summary>Reads a folder in Hugging Face's layout.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or two of them do not belong together.</exception>
    public static QwenVocabulary Read(string folder)
    {
        string vocabulary = Path.Combine(folder, Vocabulary), merges = Path.Combine(folder, MergeList), whole = Path.Combine(folder, Whole);
        bool apart = File.Exists(vocabulary) && File.Exists(merges);
        if (!apart && !File.Exists(whole))
            throw new FileNotFoundException($"'{folder}' has neither {Vocabulary} with {MergeList} nor {Whole}: fetch them from the model's page.", vocabulary);
        var read = new QwenVocabulary(
            FolderJson.Read(apart ? vocabulary : whole, root => Ids(apart ? root : Model(root).Field("vocab"))),
            apart ? MergeLines(merges) : FolderJson.Read(whole, root => MergePairs(Model(root).Field("merges"))),
            ReadAdded(folder));
        return read.Checked(folder);
    }

    private static IReadOnlyList<AddedToken> ReadAdded(string folder)
    {
        string settings = Path.Combine(folder, Settings), whole = Path.Combine(folder, Whole);
        IReadOnlyList<AddedToken>? added = null;
        if (File.Exists(settings))
            added = FolderJson.Read(settings, root => root.FieldOrNull("added_tokens_decoder") is { } tokens ? AddedById(tokens) : null);
        if (added is null && File.Exists(whole))
            added = FolderJson.Read(whole, root => root.FieldOrNull("added_tokens") is { } tokens ? AddedInList(tokens) : null);
        return added ?? throw new FileNotFoundException(
            $"'{folder}' does not say which tokens are special: {Settings} with added_tokens_decoder or {Whole} with added_tokens is needed. Fetch them from the model's page.", settings);
    }

    private static JsonElement Model(JsonElement root) => root.Field("model");

    private static Dictionary<string, int> Ids(JsonElement tokens)
    {
        if (tokens.ValueKind != JsonValueKind.Object)
            throw new InvalidDataException("it is no table of tokens and their ids.");
        var ids = new Dictionary<string, int>();
        foreach (JsonProperty token in tokens.EnumerateObject())
            if (!ids.TryAdd(token.Name, Id(token.Value, token.Name)))
                throw new InvalidDataException($"the token '{token.Name}' stands in it twice.");
        return ids;
    }

    private static List<AddedToken> AddedById(JsonElement tokens)
    {
        if (tokens.ValueKind != JsonValueKind.Object)
            throw new InvalidDataException("'added_tokens_decoder' is no table of ids and tokens.");
        var added = new List<AddedToken>();
        foreach (JsonProperty token in tokens.EnumerateObject())
            added.Add(int.TryParse(token.Name, out int id) && id >= 0
                ? Added(id, token.Value)
                : throw new InvalidDataException($"'{token.Name}' in added_tokens_decoder is no id."));
        return added;

        static AddedToken Added(int id, JsonElement token) => new(id, token.Field("content").Text("content"), token.Flag("special"));
    }

    private static List<AddedToken> AddedInList(JsonElement tokens) =>
        [.. tokens.Items("added_tokens").Select(token => new AddedToken(Id(token.Field("id"), "id"), token.Field("content").Text("content"), token.Flag("special")))];

    private static int Id(JsonElement value, string name) => value.Whole(name) is >= 0 and <= int.MaxValue and var id
        ? (int)id
        : throw new InvalidDataException($"'{name}' has an id that is none.");

    // The first line may say which version of the format it is; no pair begins with it.
    private static string[] MergeLines(string path) =>
        [.. File.ReadLines(path).Where((line, at) => line.Length > 0 && !(at == 0 && line.StartsWith("#version", StringComparison.Ordinal)))];

    private static string[] MergePairs(JsonElement merges) =>
        [.. merges.Items("merges").Select(pair => pair.ValueKind == JsonValueKind.String ? pair.GetString()! : string.Join(' ', pair.Items("merges").Select(token => token.Text("merges"))))];

    private QwenVocabulary Checked(string folder)
    {
        // With all bytes there, every text can be written in the tokens, so that nothing of it is ever lost.
        foreach (char letter in ByteAlphabet.Characters)
            if (!Tokens.ContainsKey(letter.ToString()))
                throw Fault(folder, $"the vocabulary lacks '{letter}', which stands for a byte, so that it is no byte-level vocabulary");
        foreach (string pair in Merges)
            if (pair.Split(' ') is not [{ } first, { } second] || !Tokens.ContainsKey(first) || !Tokens.ContainsKey(second) || !Tokens.ContainsKey(first + second))
                throw Fault(folder, $"the merge '{pair}' does not join two tokens of the vocabulary to a third");
        var texts = new Dictionary<int, string>();
        foreach ((string text, int id) in Tokens)
            if (!texts.TryAdd(id, text))
                throw Fault(folder, $"the tokens '{texts[id]}' and '{text}' share the id {id}");
        var written = new HashSet<string>();
        foreach (AddedToken token in Added)
            if (token.Text.Length == 0 || !texts.TryAdd(token.Id, token.Text) || !written.Add(token.Text))
                throw Fault(folder, $"the added token '{token.Text}' of id {token.Id} is empty, or its id or text is taken");
        return this;
    }

    private static InvalidDataException Fault(string folder, string problem) =>
        new($"The tokenizer's files in '{folder}' do not belong together: {problem}. Fetch them again from one model's page.");
}
