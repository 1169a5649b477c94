namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>Reads the text model's fields of a config.json, and checks that its sizes fit each other.</summary>
internal static class QwenTextConfig
{
    /// <param name="family">Which model it is.</param>
    /// <param name="text">Where the fields stand.</param>
    /// <param name="tied">Whether the embedding is the output layer.</param>
    /// <exception cref="InvalidDataException">A field is missing, or the sizes do not fit.</exception>
    public static TextShape Read(QwenFamily family, ConfigSection text, bool tied)
    {
        bool isQwen3 = family == QwenFamily.Qwen3;
        text.Expect("hidden_act", "silu");
        if (text.Flag("use_sliding_window") == true)
            throw text.Fault($"{text.Path}use_sliding_window is true; only models that attend to all tokens before can be computed.");
        (double theta, IReadOnlyList<int> sections) = Positions(text);
        int hiddenSize = text.Whole("hidden_size"), heads = text.Whole("num_attention_heads");
        // Only Qwen3's heads are of a size of their own.
        if (!text.Has("head_dim") && hiddenSize % heads != 0)
            throw text.Fault($"{text.Path}hidden_size {hiddenSize} is no multiple of num_attention_heads {heads}.");
        var shape = new TextShape
        {
            HiddenSize = hiddenSize,
            Layers = text.Whole("num_hidden_layers", most: ConfigSection.MostLayers),
            Heads = heads,
            KeyValueHeads = text.Whole("num_key_value_heads"),
            HeadSize = text.Whole("head_dim", otherwise: isQwen3 ? null : hiddenSize / heads),
            IntermediateSize = text.Whole("intermediate_size"),
            VocabularySize = text.Whole("vocab_size"),
            NormEpsilon = text.Positive("rms_norm_eps"),
            RopeTheta = theta,
            RopeSections = sections,
            RopeInterleaved = isQwen3,
            AttentionBias = !isQwen3 || text.Flag("attention_bias") == true,
            HeadNorms = isQwen3,
            TiedEmbedding = tied,
        };
        if (heads % shape.KeyValueHeads != 0)
            throw text.Fault($"{text.Path}num_attention_heads {heads} is no multiple of num_key_value_heads {shape.KeyValueHeads}.");
        if (sections.Count != 3 || 2 * sections.Sum() != shape.HeadSize)
            throw text.Fault($"mrope_section [{string.Join(", ", sections)}] does not fit heads of {shape.HeadSize}: expected three numbers that add up to half of it.");
        return shape;
    }

    // transformers 5 has them in rope_parameters, all before in rope_theta beside rope_scaling.
    private static (double Theta, IReadOnlyList<int> Sections) Positions(ConfigSection text)
    {
        bool isNew = text.Has("rope_parameters");
        ConfigSection positions = text.Section(isNew ? "rope_parameters" : "rope_scaling");
        foreach (string name in new[] { "rope_type", "type" })
            positions.Expect(name, "default", "mrope");
        return ((isNew ? positions : text).Positive("rope_theta"), positions.WholeList("mrope_section"));
    }
}
