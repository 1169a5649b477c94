using System.Text;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>
/// The published sizes of Qwen2.5-VL against what was worked out for them apart from this code: parameters as their model cards count
/// them, and the memory of one prompt of 1,000 tokens, 900 of them its image's, with 8 answers of 300.
/// </summary>
public class MemoryEstimateTests
{
    private const string Vision = "\"depth\": 32, \"hidden_act\": \"silu\", \"hidden_size\": 1280, \"intermediate_size\": 3420, \"num_heads\": 16, \"in_chans\": 3, \"patch_size\": 14, "
        + "\"spatial_merge_size\": 2, \"spatial_patch_size\": 14, \"temporal_patch_size\": 2, \"window_size\": 112, \"fullatt_block_indexes\": [7, 15, 23, 31], \"tokens_per_second\": 2";

    private static QwenShape Shape(int hidden, int layers, int heads, int keyValueHeads, int intermediate, int vocabulary, bool tied) => QwenConfig.Parse(Encoding.UTF8.GetBytes($$$"""
        {"model_type": "qwen2_5_vl", "hidden_act": "silu", "hidden_size": {{{hidden}}}, "num_hidden_layers": {{{layers}}}, "num_attention_heads": {{{heads}}},
         "num_key_value_heads": {{{keyValueHeads}}}, "intermediate_size": {{{intermediate}}}, "vocab_size": {{{vocabulary}}}, "tie_word_embeddings": {{{(tied ? "true" : "false")}}},
         "rms_norm_eps": 1e-6, "rope_theta": 1000000.0, "use_sliding_window": false, "rope_scaling": {"type": "mrope", "mrope_section": [16, 24, 24]},
         "image_token_id": 151655, "video_token_id": 151656, "vision_start_token_id": 151652, "vision_end_token_id": 151653,
         "vision_config": {{{{Vision}}}, "out_hidden_size": {{{hidden}}}}}
        """), "config.json", hasOutputLayer: !tied);

    private static readonly QwenShape Three = Shape(2048, 36, 16, 2, 11008, 151936, tied: true), Seven = Shape(3584, 28, 28, 4, 18944, 152064, tied: false);

    private static Dictionary<string, double> Gigabytes(QwenShape shape, int prompts = 1, ScalarType type = ScalarType.BFloat16) =>
        new MemoryEstimate(shape, Sam2Shape.Large, type, LoraAdapter.Numbers(shape.Text, rank: 16), prompts, Answers: 8, PromptTokens: 1000, AnswerTokens: 300)
            .Stages().ToDictionary(stage => stage.Name, stage => stage.Bytes / 1e9);

    [Test]
    public void ParametersAreCountedAsPublished()
    {
        Assert.That(MemoryEstimate.Parameters(Three), Is.EqualTo(3.755e9).Within(0.0005e9));
        Assert.That(MemoryEstimate.Parameters(Seven), Is.EqualTo(8.292e9).Within(0.0005e9));
    }

    [Test]
    public void StagesAreThoseOfTheTableForThreeBillion() => Agree(Gigabytes(Three), weights: 7.5, trained: .5, kept: .5, layer: 1.2, scores: .5, sam: 1.0, context: 1.75, from: 13, to: 14);

    [Test]
    public void StagesAreThoseOfTheTableForSevenBillion() => Agree(Gigabytes(Seven), weights: 16.6, trained: .65, kept: .7, layer: 2, scores: .5, sam: 1.0, context: 2, from: 23.5, to: 25);

    /// <summary>36,864 and 57,344 bytes a token, as the models' sizes give them: of the prompt once, and of each of the eight answers.</summary>
    [Test]
    public void KeysAndValuesAreThoseOfThePromptAndOfEveryAnswer()
    {
        const string Name = "keys and values of prompts and answers";
        Assert.That(Gigabytes(Three)[Name], Is.EqualTo(36_864.0 * (1000 + 8 * 300) / 1e9).Within(1e-9));
        Assert.That(Gigabytes(Seven)[Name], Is.EqualTo(57_344.0 * (1000 + 8 * 300) / 1e9).Within(1e-9));
        Assert.That(Gigabytes(Seven, prompts: 4)[Name], Is.EqualTo(4 * Gigabytes(Seven)[Name]).Within(1e-9));
        Assert.That(Gigabytes(Seven, prompts: 100)[Name], Is.EqualTo(AnswerGenerator.MostCacheBytes / 1e9).Within(1e-9));
    }

    [Test]
    public void SeveralPromptsKeepMoreUpToABoundAndFloat32WeighsTwice()
    {
        double one = Gigabytes(Three)["kept inputs of layers"];
        Assert.That(Gigabytes(Three, prompts: 3)["kept inputs of layers"], Is.EqualTo(3 * one).Within(1e-9));
        Assert.That(Gigabytes(Three, prompts: 100)["kept inputs of layers"], Is.EqualTo(LayerwiseScores.MostKeptBytes / 1e9).Within(1e-9));
        Assert.That(Gigabytes(Three, type: ScalarType.Float32)["frozen weights"], Is.EqualTo(2 * Gigabytes(Three)["frozen weights"]).Within(1e-9));
    }

    // The table gives one or two digits. It does not count the cache of Qwen's own encoded images.
    private static void Agree(Dictionary<string, double> found, double weights, double trained, double kept, double layer, double scores, double sam, double context, double from, double to)
    {
        double others = SeenImages.CachedBytes / 1e9;
        Assert.Multiple(() =>
        {
            Assert.That(found["frozen weights"], Is.EqualTo(weights).Within(.05));
            Assert.That(found["what is trained, its gradients and Adam's moments"], Is.EqualTo(trained).Within(.05));
            Assert.That(found["kept inputs of layers"], Is.EqualTo(kept).Within(.05));
            Assert.That(found["one layer computed anew"], Is.EqualTo(layer).Within(.15));
            Assert.That(found[$"scores of {TokenDistribution.TokensAtATime} tokens"], Is.EqualTo(scores).Within(.05));
            Assert.That(found["SAM's weights"] + found["encoded images"] - others, Is.EqualTo(sam).Within(.05));
            Assert.That(found["CUDA's context, gaps between tensors"], Is.EqualTo(context).Within(.25));
            Assert.That(found.Values.Sum(), Is.InRange(from, to));
        });
    }
}
