using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class QwenConfigTests
{
    private const string Nested = "config", Flat = "config as Qwen's own files have it";

    private static JsonObject Config(string model, string shape) => JsonNode.Parse(File.ReadAllText(Reference.PathOf($"{model}.json")))![shape]!.AsObject();

    private static QwenShape Parse(JsonNode config, bool hasOutputLayer = false) => QwenConfig.Parse(Encoding.UTF8.GetBytes(config.ToJsonString()), "config.json", hasOutputLayer);

    [TestCase(Nested, "qwen2_5_vl_tied")]
    [TestCase(Flat, "qwen2_5_vl_tied")]
    [TestCase(Nested, "qwen2_5_vl_untied")]
    [TestCase(Flat, "qwen2_5_vl_untied")]
    public void Qwen25IsReadInBothShapes(string shape, string model)
    {
        QwenShape read = Parse(Config(model, shape), hasOutputLayer: model.EndsWith("_untied", StringComparison.Ordinal));
        Assert.That(read.Family, Is.EqualTo(QwenFamily.Qwen25));
        Assert.That((read.ImageToken, read.VideoToken, read.VisionStart, read.VisionEnd), Is.EqualTo((305, 306, 303, 304)));
        TextShape text = read.Text;
        Assert.That((text.HiddenSize, text.Layers, text.Heads, text.KeyValueHeads, text.HeadSize, text.IntermediateSize, text.VocabularySize), Is.EqualTo((64, 3, 4, 2, 16, 96, 320)));
        Assert.That((text.NormEpsilon, text.RopeTheta, text.RopeInterleaved, text.AttentionBias, text.HeadNorms), Is.EqualTo((1e-6, 1e6, false, true, false)));
        Assert.That(text.RopeSections, Is.EqualTo(new[] { 2, 3, 3 }));
        Assert.That(text.TiedEmbedding, Is.EqualTo(model == "qwen2_5_vl_tied"));
        VisionShape vision = read.Vision;
        Assert.That((vision.Depth, vision.HiddenSize, vision.Heads, vision.IntermediateSize, vision.OutputSize), Is.EqualTo((4, 32, 2, 44, 64)));
        Assert.That((vision.PatchSize, vision.TemporalPatchSize, vision.MergeSize, vision.WindowSize, vision.PositionRows, vision.Factor), Is.EqualTo((14, 2, 2, 112, 0, 28)));
        Assert.That(vision.WholeImageBlocks, Is.EqualTo(new[] { 1, 3 }));
        Assert.That(vision.DeepstackBlocks, Is.Empty);
    }

    [TestCase(Nested)]
    [TestCase(Flat)]
    public void Qwen2IsReadInBothShapes(string shape)
    {
        QwenShape read = Parse(Config("qwen2_vl_tied", shape));
        Assert.That(read.Family, Is.EqualTo(QwenFamily.Qwen2));
        Assert.That((read.Text.HeadSize, read.Text.AttentionBias, read.Text.HeadNorms, read.Text.RopeTheta), Is.EqualTo((16, true, false, 1e6)));
        VisionShape vision = read.Vision;
        // Its hidden_size is the text model's.
        Assert.That((vision.Depth, vision.HiddenSize, vision.Heads, vision.IntermediateSize, vision.OutputSize), Is.EqualTo((3, 32, 2, 128, 64)));
        Assert.That((vision.WindowSize, vision.PositionRows, vision.Factor), Is.EqualTo((0, 0, 28)));
        Assert.That(vision.WholeImageBlocks, Is.Empty);
    }

    [TestCase(Nested)]
    [TestCase(Flat)]
    public void Qwen3IsReadInBothShapes(string shape)
    {
        QwenShape read = Parse(Config("qwen3_vl_tied", shape));
        Assert.That(read.Family, Is.EqualTo(QwenFamily.Qwen3));
        TextShape text = read.Text;
        Assert.That((text.HeadSize, text.AttentionBias, text.HeadNorms, text.RopeTheta, text.RopeInterleaved), Is.EqualTo((16, false, true, 5e6, true)));
        Assert.That(text.RopeSections, Is.EqualTo(new[] { 4, 2, 2 }));
        VisionShape vision = read.Vision;
        Assert.That((vision.Depth, vision.HiddenSize, vision.Heads, vision.IntermediateSize, vision.OutputSize), Is.EqualTo((4, 32, 2, 48, 64)));
        Assert.That((vision.PatchSize, vision.WindowSize, vision.PositionRows, vision.Factor), Is.EqualTo((16, 0, 36, 32)));
        Assert.That(vision.DeepstackBlocks, Is.EqualTo(new[] { 0, 2 }));
    }

    [Test]
    public void WhatTransformersLeavesOutIsItsDefault()
    {
        JsonObject config = Config("qwen2_5_vl_untied", Flat);
        config["vision_config"] = JsonNode.Parse("""{"hidden_size":1280,"in_chans":3,"model_type":"qwen2_5_vl","spatial_patch_size":14,"tokens_per_second":2}""");
        config["hidden_size"] = 3584;
        config["num_attention_heads"] = 28;
        config["rope_scaling"]!["mrope_section"] = new JsonArray(16, 24, 24);
        VisionShape vision = Parse(config, hasOutputLayer: true).Vision;
        Assert.That((vision.Depth, vision.HiddenSize, vision.Heads, vision.IntermediateSize, vision.OutputSize), Is.EqualTo((32, 1280, 16, 3420, 3584)));
        Assert.That((vision.PatchSize, vision.TemporalPatchSize, vision.MergeSize, vision.WindowSize), Is.EqualTo((14, 2, 2, 112)));
        Assert.That(vision.WholeImageBlocks, Is.EqualTo(new[] { 7, 15, 23, 31 }));
    }

    [TestCase("model_type", "\"llama\"", "'llama'; expected qwen2_vl, qwen2_5_vl or qwen3_vl")]
    [TestCase("model_type", null, "no model_type")]
    [TestCase("model_type", "7", "model_type as 7")]
    [TestCase("quantization_config", "{}", "quantized")]
    [TestCase("tie_word_embeddings", "false", "lack 'lm_head.weight'")]
    [TestCase("tie_word_embeddings", "\"yes\"", "expected true or false")]
    [TestCase("image_token_id", "320", "beyond the vocabulary of 320")]
    [TestCase("image_token_id", "-1", "image_token_id as -1")]
    [TestCase("vision_end_token_id", null, "no vision_end_token_id")]
    [TestCase("hidden_size", null, "no hidden_size")]
    [TestCase("hidden_size", "0", "hidden_size as 0; expected a whole number from 1")]
    [TestCase("hidden_size", "1e9", "hidden_size as 1e9")]
    [TestCase("hidden_size", "1000000000000", "hidden_size as 1000000000000")]
    [TestCase("hidden_size", "\"64\"", "hidden_size as \"64\"")]
    [TestCase("hidden_size", "66", "no multiple of num_attention_heads")]
    [TestCase("hidden_size", "128", "mrope_section [2, 3, 3] does not fit heads of 32")]
    [TestCase("head_dim", "18", "mrope_section [2, 3, 3] does not fit heads of 18")]
    [TestCase("num_key_value_heads", "3", "no multiple of num_key_value_heads 3")]
    [TestCase("rms_norm_eps", "0", "rms_norm_eps as 0")]
    [TestCase("rms_norm_eps", "1e999", "rms_norm_eps as 1e999")]
    [TestCase("rope_theta", null, "no rope_theta")]
    [TestCase("rope_scaling", null, "no rope_scaling")]
    [TestCase("rope_scaling", "[]", "no object of fields at rope_scaling")]
    [TestCase("rope_scaling.type", "\"yarn\"", "rope_scaling.type as \"yarn\"")]
    [TestCase("rope_scaling.mrope_section", "[4, 4]", "[4, 4] does not fit")]
    [TestCase("rope_scaling.mrope_section", "[2.5, 3, 3]", "a list of whole numbers")]
    [TestCase("use_sliding_window", "true", "use_sliding_window")]
    [TestCase("hidden_act", "\"gelu\"", "expected silu")]
    [TestCase("vision_config", null, "no vision_config")]
    [TestCase("vision_config.hidden_size", null, "no vision_config.hidden_size")]
    [TestCase("num_hidden_layers", "1001", "num_hidden_layers as 1001; expected a whole number from 1 to 1000")]
    [TestCase("vision_config.depth", "1001", "vision_config.depth as 1001")]
    [TestCase("vision_config.patch_size", "1025", "vision_config.patch_size as 1025")]
    [TestCase("vision_config.temporal_patch_size", "65", "vision_config.temporal_patch_size as 65")]
    [TestCase("vision_config.spatial_merge_size", "17", "vision_config.spatial_merge_size as 17")]
    [TestCase("vision_config.hidden_size", "36", "does not make 2 heads")]
    [TestCase("vision_config.out_hidden_size", "32", "output is 32 wide, the text model 64")]
    [TestCase("vision_config.window_size", "100", "no multiple of 28")]
    [TestCase("vision_config.fullatt_block_indexes", "[1, 4]", "[1, 4] does not name different blocks of 4")]
    [TestCase("vision_config.fullatt_block_indexes", "[1, 1]", "different")]
    [TestCase("vision_config.in_chans", "4", "in_chans is 4")]
    [TestCase("vision_config.hidden_act", "\"relu\"", "vision_config.hidden_act as \"relu\"")]
    public void AConfigThatDoesNotHoldSaysWhere(string path, string? value, string said)
    {
        JsonObject config = Config("qwen2_5_vl_tied", Flat);
        Set(config, path, value);
        Assert.That(() => Parse(config), Throws.TypeOf<InvalidDataException>().With.Message.Contains(said).And.Message.Contains("'config.json'"));
    }

    [TestCase("vision_config.num_position_embeddings", "35", "no square")]
    [TestCase("vision_config.num_position_embeddings", null, "no vision_config.num_position_embeddings")]
    [TestCase("vision_config.deepstack_visual_indexes", "[0, 1, 2, 3]", "4 blocks of the vision tower go to a text model of 3 layers")]
    [TestCase("text_config.head_dim", null, "no text_config.head_dim")]
    [TestCase("text_config.rope_parameters.rope_theta", null, "no text_config.rope_parameters.rope_theta")]
    [TestCase("text_config", "[]", "no object of fields at text_config")]
    public void AConfigOfQwen3ThatDoesNotHoldSaysWhere(string path, string? value, string said)
    {
        JsonObject config = Config("qwen3_vl_tied", Nested);
        Set(config, path, value);
        Assert.That(() => Parse(config), Throws.TypeOf<InvalidDataException>().With.Message.Contains(said));
    }

    [Test]
    public void TheLargestSizesAreOutlinedWithoutOverflow()
    {
        JsonObject config = Config("qwen2_vl_tied", Flat);
        foreach ((string path, string most) in new[] { ("hidden_size", "1048576"), ("rope_scaling.mrope_section", "[0, 0, 131072]"), ("vision_config.hidden_size", "1048576"),
            ("vision_config.embed_dim", "1048576"), ("vision_config.mlp_ratio", "1e300"), ("vision_config.patch_size", "1024"), ("vision_config.temporal_patch_size", "64"), ("vision_config.spatial_merge_size", "16") })
            Set(config, path, most);
        IReadOnlyDictionary<string, long[]> shapes = QwenVisionTower.Shapes(Parse(config));
        Assert.That(shapes["model.visual.merger.mlp.0.weight"], Is.EqualTo(new[] { 1L << 28, 1L << 28 }));
        Assert.That(shapes["model.visual.patch_embed.proj.weight"], Is.EqualTo(new long[] { 1 << 20, 3, 64, 1024, 1024 }));
    }

    [TestCase("")]
    [TestCase("{")]
    [TestCase("[]")]
    [TestCase("null")]
    public void WhatIsNoObjectIsRefused(string text) =>
        Assert.That(() => QwenConfig.Parse(Encoding.UTF8.GetBytes(text), "config.json", false), Throws.TypeOf<InvalidDataException>().With.Message.Contains("'config.json' is no"));

    [Test]
    public void TheWeightsSayWhetherThereIsAnOutputLayer()
    {
        using var folder = new TemporaryFolder();
        using var untied = SafetensorsFolder.Open(Reference.PathOf("qwen2_5_vl_untied.weights.safetensors"));
        Assert.That(() => QwenConfig.Read(folder.Path, untied), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("config.json"));
        File.WriteAllText(folder.File("config.json"), Config("qwen2_5_vl_untied", Nested).ToJsonString());
        Assert.That(QwenConfig.Read(folder.Path, untied).Text.TiedEmbedding, Is.False);
        File.WriteAllBytes(folder.File("config.json"), new byte[2 << 20]);
        Assert.That(() => QwenConfig.Read(folder.Path, untied), Throws.TypeOf<InvalidDataException>().With.Message.Contains("2097152 bytes"));
    }

    // Sets a field by its path, or takes it away; what follows the last dot is the field.
    private static void Set(JsonObject config, string path, string? value)
    {
        string[] names = path.Split('.');
        JsonObject at = names[..^1].Aggregate(config, (node, name) => node[name]!.AsObject());
        at.Remove(names[^1]);
        if (value is not null)
            at.Add(names[^1], JsonNode.Parse(value));
    }
}
