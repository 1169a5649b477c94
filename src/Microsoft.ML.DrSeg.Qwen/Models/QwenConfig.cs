using System.Text.Json;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Reads config.json of a Qwen visual language model, in both shapes that are about: flat, as in Qwen's own files, with the text
/// model's fields at the top, and nested, as transformers writes it since 4.52, with a <c>text_config</c>.
/// Fields and defaults: huggingface/transformers, <c>src/transformers/models/{qwen2_vl,qwen2_5_vl,qwen3_vl}/configuration_*.py</c>.
/// </summary>
internal static class QwenConfig
{
    private const string FileName = "config.json", OutputLayer = "lm_head.weight";
    private const int LongestFile = 1 << 20;

    /// <summary>Reads a folder's config.json.</summary>
    /// <param name="folder">A folder in Hugging Face's layout.</param>
    /// <param name="weights">Its weights, which say whether there is an output layer.</param>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">It speaks of another model, lacks a field, or its sizes do not fit each other.</exception>
    public static QwenShape Read(string folder, ITensorSource weights)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new FileNotFoundException($"'{folder}' has no {FileName}. Give the folder of a Qwen2-VL, Qwen2.5-VL or Qwen3-VL model in Hugging Face's layout.", path);
        if (new FileInfo(path).Length is > LongestFile and var length)
            throw new InvalidDataException($"'{path}' has {length} bytes; a {FileName} has {LongestFile} at most.");
        return Parse(File.ReadAllBytes(path), path, weights.Shapes.ContainsKey(OutputLayer));
    }

    /// <param name="utf8">The JSON.</param>
    /// <param name="source">What to call it in errors.</param>
    /// <param name="hasOutputLayer">Whether the weights have an output layer beside the embedding.</param>
    /// <exception cref="InvalidDataException">As <see cref="Read"/>.</exception>
    public static QwenShape Parse(ReadOnlyMemory<byte> utf8, string source, bool hasOutputLayer)
    {
        try
        {
            using var json = JsonDocument.Parse(utf8);
            return Parse(new ConfigSection(json.RootElement, source, ""), hasOutputLayer);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"'{source}' is no JSON: {error.Message}", error);
        }
    }

    private static QwenShape Parse(ConfigSection root, bool hasOutputLayer)
    {
        QwenFamily family = root.Text("model_type") switch
        {
            "qwen2_vl" => QwenFamily.Qwen2,
            "qwen2_5_vl" => QwenFamily.Qwen25,
            "qwen3_vl" => QwenFamily.Qwen3,
            var other => throw root.Fault($"it is a model of the type '{other}'; expected qwen2_vl, qwen2_5_vl or qwen3_vl."),
        };
        if (root.Has("quantization_config"))
            throw root.Fault("the weights are quantized; give the folder of the model in bfloat16, float16 or float32.");
        ConfigSection text = root.Has("text_config") ? root.Section("text_config") : root;
        // Files disagree about where it stands, and some say both.
        bool?[] tied = [root.Flag("tie_word_embeddings"), text.Flag("tie_word_embeddings")];
        if (!hasOutputLayer && tied.Contains(false) && !tied.Contains(true))
            throw root.Fault($"tie_word_embeddings is false, but the weights lack '{OutputLayer}'. Fetch them again.");
        TextShape textShape = QwenTextConfig.Read(family, text, tied: !hasOutputLayer);
        VisionShape visionShape = QwenVisionConfig.Read(family, root.Section("vision_config"));
        if (visionShape.OutputSize != textShape.HiddenSize)
            throw root.Fault($"the vision tower's output is {visionShape.OutputSize} wide, the text model {textShape.HiddenSize}; expected the same.");
        if (visionShape.DeepstackBlocks.Count > textShape.Layers)
            throw root.Fault($"{visionShape.DeepstackBlocks.Count} blocks of the vision tower go to a text model of {textShape.Layers} layers.");
        return new QwenShape(family, textShape, visionShape, Id("image_token_id"), Id("video_token_id"), Id("vision_start_token_id"), Id("vision_end_token_id"));

        int Id(string name) => root.Whole(name, least: 0) is var id && id < textShape.VocabularySize
            ? id
            : throw root.Fault($"{name} is {id}, beyond the vocabulary of {textShape.VocabularySize}.");
    }
}
