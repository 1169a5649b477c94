namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Reads the vision tower's fields of a config.json, and checks that its sizes fit each other. Of the two older families, some
/// releases of transformers (4.49 on) leave out what equals the defaults of their configuration classes: those stand here.
/// </summary>
internal static class QwenVisionConfig
{
    // Red, green, blue.
    private const int Channels = 3;

    // More than any model has, and little enough for their products.
    private const int LargestPatch = 1024, MostFrames = 64, LargestMerge = 16;

    /// <param name="family">Which model it is.</param>
    /// <param name="vision"><c>vision_config</c>.</param>
    /// <exception cref="InvalidDataException">A field is missing, or the sizes do not fit.</exception>
    public static VisionShape Read(QwenFamily family, ConfigSection vision)
    {
        foreach (string name in new[] { "in_channels", "in_chans" })
            if (vision.Whole(name, otherwise: Channels) is not Channels and var channels)
                throw vision.Fault($"{vision.Path}{name} is {channels}; only pictures of {Channels} channels can be computed.");
        VisionShape shape = family switch
        {
            QwenFamily.Qwen2 => Qwen2(vision),
            QwenFamily.Qwen25 => Qwen25(vision),
            _ => Qwen3(vision),
        };
        RequireFit(shape, vision);
        return shape;
    }

    // Here hidden_size is the text model's width; the tower's own is embed_dim.
    private static VisionShape Qwen2(ConfigSection vision)
    {
        vision.Expect("hidden_act", "quick_gelu");
        int width = vision.Whole("embed_dim", otherwise: 1280);
        return new VisionShape
        {
            Depth = vision.Whole("depth", otherwise: 32, most: ConfigSection.MostLayers),
            HiddenSize = width,
            Heads = vision.Whole("num_heads", otherwise: 16),
            IntermediateSize = (int)Math.Min(width * vision.Positive("mlp_ratio", otherwise: 4), int.MaxValue),
            OutputSize = vision.Whole("hidden_size", otherwise: 3584),
            PatchSize = vision.Whole("patch_size", otherwise: 14, most: LargestPatch),
            TemporalPatchSize = vision.Whole("temporal_patch_size", otherwise: 2, most: MostFrames),
            MergeSize = vision.Whole("spatial_merge_size", otherwise: 2, most: LargestMerge),
        };
    }

    private static VisionShape Qwen25(ConfigSection vision)
    {
        vision.Expect("hidden_act", "silu");
        return new VisionShape
        {
            Depth = vision.Whole("depth", otherwise: 32, most: ConfigSection.MostLayers),
            // The class's own default, 3584, is that of no released model, so that the field is always there.
            HiddenSize = vision.Whole("hidden_size"),
            Heads = vision.Whole("num_heads", otherwise: 16),
            IntermediateSize = vision.Whole("intermediate_size", otherwise: 3420),
            OutputSize = vision.Whole("out_hidden_size", otherwise: 3584),
            PatchSize = vision.Whole("patch_size", otherwise: 14, most: LargestPatch),
            TemporalPatchSize = vision.Whole("temporal_patch_size", otherwise: 2, most: MostFrames),
            MergeSize = vision.Whole("spatial_merge_size", otherwise: 2, most: LargestMerge),
            WindowSize = vision.Whole("window_size", otherwise: 112),
            WholeImageBlocks = vision.WholeList("fullatt_block_indexes", otherwise: [7, 15, 23, 31]),
        };
    }

    private static VisionShape Qwen3(ConfigSection vision)
    {
        vision.Expect("hidden_act", "gelu_pytorch_tanh");
        return new VisionShape
        {
            Depth = vision.Whole("depth", most: ConfigSection.MostLayers),
            HiddenSize = vision.Whole("hidden_size"),
            Heads = vision.Whole("num_heads"),
            IntermediateSize = vision.Whole("intermediate_size"),
            OutputSize = vision.Whole("out_hidden_size"),
            PatchSize = vision.Whole("patch_size", most: LargestPatch),
            TemporalPatchSize = vision.Whole("temporal_patch_size", most: MostFrames),
            MergeSize = vision.Whole("spatial_merge_size", most: LargestMerge),
            PositionRows = vision.Whole("num_position_embeddings"),
            DeepstackBlocks = vision.WholeList("deepstack_visual_indexes"),
        };
    }

    private static void RequireFit(VisionShape shape, ConfigSection vision)
    {
        if (shape.HiddenSize % (4 * shape.Heads) != 0)
            throw vision.Fault($"the vision tower's width of {shape.HiddenSize} does not make {shape.Heads} heads of a multiple of 4.");
        if (shape.WindowSize % shape.Factor != 0)
            throw vision.Fault($"{vision.Path}window_size {shape.WindowSize} is no multiple of {shape.Factor}, the side of a token.");
        int side = (int)Math.Sqrt(shape.PositionRows);
        if (side * side != shape.PositionRows)
            throw vision.Fault($"{vision.Path}num_position_embeddings {shape.PositionRows} is no square.");
        RequireBlocks("fullatt_block_indexes", shape.WholeImageBlocks);
        RequireBlocks("deepstack_visual_indexes", shape.DeepstackBlocks);

        void RequireBlocks(string name, IReadOnlyList<int> blocks)
        {
            if (blocks.Any(block => block >= shape.Depth) || blocks.Distinct().Count() != blocks.Count)
                throw vision.Fault($"{vision.Path}{name} [{string.Join(", ", blocks)}] does not name different blocks of {shape.Depth}.");
        }
    }
}
