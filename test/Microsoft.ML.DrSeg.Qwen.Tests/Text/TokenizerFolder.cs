using System.Text.Json;
using Microsoft.ML.DrSeg.Tests;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>A model's folder with the hand-made vocabulary, gone after the test.</summary>
internal sealed class TokenizerFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TokenizerFolder()
    {
        foreach (string name in (string[])["vocab.json", "merges.txt"])
            File.Copy(Reference.PathOf($"tokenizer/{name}"), this[name]);
        Write("tokenizer_config.json", new { added_tokens_decoder = Special.ToDictionary(token => $"{token.Value}", token => new { content = token.Key, special = IsSpecial(token.Key) }) });
    }

    public static IReadOnlyDictionary<string, int> Special { get; } =
        JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllText(Reference.PathOf("tokenizer/special.json")))!;

    public string Path => _folder.Path;

    public string this[string name] => _folder.File(name);

    public static bool IsSpecial(string token) => !token.Contains("tool_call", StringComparison.Ordinal);

    /// <summary>The tokenizer of the reference, read once for all tests that only ask it.</summary>
    public static QwenTokenizer Tokenizer => Shared.Value;

    private static readonly Lazy<QwenTokenizer> Shared = new(() =>
    {
        using var folder = new TokenizerFolder();
        return QwenTokenizer.Load(folder.Path);
    });

    public void Write(string name, object content) => File.WriteAllText(this[name], JsonSerializer.Serialize(content));

    /// <summary>Puts everything into tokenizer.json alone.</summary>
    public void Join(bool pairsAsLists)
    {
        var merges = File.ReadLines(this["merges.txt"]).Skip(1).Where(line => line.Length > 0);
        Write("tokenizer.json", new
        {
            added_tokens = Special.Select(token => new { id = token.Value, content = token.Key, special = IsSpecial(token.Key) }),
            model = new
            {
                vocab = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(this["vocab.json"])),
                merges = pairsAsLists ? merges.Select(pair => (object)pair.Split(' ')) : merges,
            },
        });
        foreach (string name in (string[])["vocab.json", "merges.txt", "tokenizer_config.json"])
            File.Delete(this[name]);
    }

    public void Dispose() => _folder.Dispose();
}
