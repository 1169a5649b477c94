using System.Text.Json;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>A text with the ids and the pieces that a tokenizer of Hugging Face makes of it.</summary>
internal sealed record TokenizerCase(string Text, int[] Ids, string[] Pre)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public static IReadOnlyList<TokenizerCase> All { get; } = JsonSerializer.Deserialize<TokenizerCase[]>(File.ReadAllText(Reference.PathOf("tokenizer/cases.json")), Options)!;
}
