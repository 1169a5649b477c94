using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Tests;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>
/// A Qwen2.5-VL with random weights, so small that it trains in a test, as a folder in Hugging Face's layout, and the tiny SAM 2 of
/// the references beside it. Its vocabulary is the 256 bytes and the fixed pieces of an answer, so that answers are short.
/// </summary>
internal sealed class TinyQwenFolder : IDisposable
{
    public const int ImageSide = 112;

    private static readonly string[] Special =
        ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"];

    private static readonly string[] Pieces =
        ["<think>", "</think><answer>[", """{"bbox_2d":[""", """],"point_2d":[""", "]}", "]</answer>", "<look>here</look>"];

    private readonly TemporaryFolder _folder = new();

    public TinyQwenFolder(int layers = 2, int seed = 1)
    {
        Directory.CreateDirectory(Model);
        Directory.CreateDirectory(Segmenter);
        Sam2Reference.WriteFolder(Segmenter);
        WriteTokenizer();
        Write("config.json", Config(layers));
        Write("preprocessor_config.json", new JsonObject
        {
            ["patch_size"] = 14, ["temporal_patch_size"] = 2, ["merge_size"] = 2, ["min_pixels"] = 3136, ["max_pixels"] = 100352,
            ["image_mean"] = new JsonArray(.5, .5, .5), ["image_std"] = new JsonArray(.25, .25, .25), ["resample"] = 3,
        });
        WriteWeights(seed);
    }

    /// <summary>Asks with the query alone, so that prompts are short.</summary>
    public static QwenRecipe Recipe { get; } = new()
    {
        Template = "{query}", Frame = CoordinateFrame.ResizedPixels, Sizing = new FixedSizing(new(ImageSide, ImageSide)),
    };

    public static QwenModelOptions Options { get; } = new() { Recipe = Recipe, LongestAnswer = 48, LongestPrompt = 128, LoraRank = 8, LoraAlpha = 16 };

    /// <summary>The visual language model's folder.</summary>
    public string Model => _folder.File("qwen");

    /// <summary>SAM's folder.</summary>
    public string Segmenter => _folder.File("sam");

    public DrSegModel Load(QwenModelOptions? options = null) => QwenModel.Load(Model, Segmenter, options ?? Options);

    /// <summary>Puts other weights in the place of the random ones.</summary>
    public void Write(IReadOnlyDictionary<string, Tensor> weights)
    {
        using FileStream stream = File.Create(Path.Combine(Model, "model.safetensors"));
        SafetensorsFile.Write(stream, weights);
    }

    public void Dispose() => _folder.Dispose();

    private static JsonObject Config(int layers) => new()
    {
        ["model_type"] = "qwen2_5_vl",
        ["tie_word_embeddings"] = true,
        ["image_token_id"] = Id("<|image_pad|>"),
        ["video_token_id"] = Id("<|video_pad|>"),
        ["vision_start_token_id"] = Id("<|vision_start|>"),
        ["vision_end_token_id"] = Id("<|vision_end|>"),
        ["text_config"] = new JsonObject
        {
            ["model_type"] = "qwen2_5_vl_text", ["hidden_act"] = "silu", ["hidden_size"] = 64, ["intermediate_size"] = 128, ["num_attention_heads"] = 4, ["num_key_value_heads"] = 2,
            ["num_hidden_layers"] = layers, ["rms_norm_eps"] = 1e-6, ["vocab_size"] = 256 + Special.Length + Pieces.Length + 2, ["use_sliding_window"] = false, ["tie_word_embeddings"] = true,
            ["rope_parameters"] = new JsonObject { ["mrope_section"] = new JsonArray(2, 3, 3), ["rope_theta"] = 10000.0, ["rope_type"] = "default" },
        },
        ["vision_config"] = new JsonObject
        {
            ["model_type"] = "qwen2_5_vl", ["hidden_act"] = "silu", ["depth"] = 2, ["hidden_size"] = 32, ["num_heads"] = 2, ["intermediate_size"] = 44, ["in_channels"] = 3,
            ["out_hidden_size"] = 64, ["patch_size"] = 14, ["temporal_patch_size"] = 2, ["spatial_merge_size"] = 2, ["window_size"] = 112, ["fullatt_block_indexes"] = new JsonArray(1),
        },
    };

    private static int Id(string token) => 256 + Array.IndexOf([.. Special, .. Pieces], token);

    private void WriteTokenizer()
    {
        // The hand-made vocabulary begins with the 256 bytes.
        var bytes = JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllText(Reference.PathOf("tokenizer/vocab.json")))!
            .Where(token => token.Value < 256).ToDictionary();
        Write("vocab.json", JsonSerializer.SerializeToNode(bytes)!);
        File.WriteAllText(Path.Combine(Model, "merges.txt"), "#version: 0.2\n");
        Write("tokenizer_config.json", JsonSerializer.SerializeToNode(new
        {
            added_tokens_decoder = Special.Concat(Pieces).ToDictionary(token => $"{Id(token)}", token => new { content = token, special = Special.Contains(token) }),
        })!);
    }

    private void Write(string name, JsonNode json) => File.WriteAllText(Path.Combine(Model, name), json.ToJsonString());

    private void WriteWeights(int seed)
    {
        using var scope = NewDisposeScope();
        var shape = QwenConfig.Parse(File.ReadAllBytes(Path.Combine(Model, "config.json")), "config.json", hasOutputLayer: false);
        using var generator = new Generator((ulong)seed);
        Tensor Fresh(string name, long[] sides) => name.Contains("norm", StringComparison.Ordinal) || name.EndsWith("ln_q.weight", StringComparison.Ordinal) ? ones(sides)
            : sides.Length == 1 ? zeros(sides)
            : randn(sides, generator: generator).div(Math.Sqrt(sides[1..].Aggregate(1L, (product, side) => product * side)));
        Write(QwenVisionTower.Shapes(shape).Concat(TextModel.Shapes(shape.Text)).OrderBy(weight => weight.Key, StringComparer.Ordinal)
            .ToDictionary(weight => weight.Key, weight => Fresh(weight.Key, weight.Value)));
    }
}
