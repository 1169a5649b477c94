using System.Text.Json;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Reads the sizes of SAM 2 from the config.json of transformers: model types sam2 and sam2_video, whose fields of the memory
/// are passed over. A field that is missing has the value of the tiny model. Fields:
/// https://github.com/huggingface/transformers, models/sam2/configuration_sam2.py.
/// </summary>
internal static class Sam2Config
{
    private const int LongestFile = 1 << 20;

    // No network of the kind comes near: a config that asks for more is damaged or hostile.
    private const int MostBlocks = 256, WidestLayer = 16_384, LargestSide = 4096;

    private static readonly JsonElement Nothing = JsonSerializer.SerializeToElement(new { });

    /// <exception cref="InvalidDataException">It is no config of SAM 2, or has sizes that fit no network.</exception>
    public static Sam2Shape Read(string path)
    {
        if (new FileInfo(path).Length is > LongestFile and var length)
            throw new InvalidDataException($"'{path}' has {length} bytes; a config.json has {LongestFile} at most.");
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return Checked(Parse(new ConfigSection(json.RootElement, path, "")), path);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"'{path}' is no JSON: {error.Message}", error);
        }
    }

    private static Sam2Shape Parse(ConfigSection root)
    {
        if (root.Text("model_type") is not ("sam2" or "sam2_video") and var type)
            throw root.Fault($"it is a model of the type '{type}'; expected sam2 or sam2_video.");
        ConfigSection vision = Part(root, "vision_config"), trunk = Part(vision, "backbone_config"), decoder = Part(root, "mask_decoder_config");
        Sam2Shape tiny = Sam2Shape.Tiny;
        int width = trunk.Whole("hidden_size", tiny.Width);
        IReadOnlyList<int> widths = trunk.WholeList("embed_dim_per_stage", [.. Enumerable.Range(0, Sam2Shape.Stages).Select(tiny.WidthOf)]);
        if (!widths.SequenceEqual(Enumerable.Range(0, Sam2Shape.Stages).Select(stage => width << stage)))
            throw trunk.Fault($"embed_dim_per_stage is [{string.Join(", ", widths)}]; expected {width} doubled from stage to stage.");
        return new Sam2Shape
        {
            ImageSide = Side(Part(root, "prompt_encoder_config"), "image_size", tiny.ImageSide),
            Width = width,
            Blocks = trunk.WholeList("blocks_per_stage", tiny.Blocks),
            Heads = trunk.WholeList("num_attention_heads_per_stage", tiny.Heads),
            Windows = trunk.WholeList("window_size_per_stage", tiny.Windows),
            GlobalBlocks = trunk.WholeList("global_attention_blocks", tiny.GlobalBlocks),
            PositionSide = Side(trunk, "window_positional_embedding_background_size", tiny.PositionSide),
            FeatureWidth = vision.Whole("fpn_hidden_size", tiny.FeatureWidth),
            DecoderHeads = decoder.Whole("num_attention_heads", tiny.DecoderHeads),
            DecoderInner = decoder.Whole("mlp_dim", tiny.DecoderInner),
            Stability = new MaskStability(
                decoder.Positive("dynamic_multimask_stability_delta", tiny.Stability.Delta),
                decoder.Positive("dynamic_multimask_stability_thresh", tiny.Stability.Threshold)),
        };
    }

    private static Sam2Shape Checked(Sam2Shape shape, string path)
    {
        void Require(bool holds, string rule)
        {
            if (!holds)
                throw new InvalidDataException($"'{path}' describes no SAM 2: {rule}.");
        }

        IReadOnlyList<int>[] stages = [shape.Blocks, shape.Heads, shape.Windows];
        Require(stages.All(list => list.Count == Sam2Shape.Stages && list.All(value => value is >= 1 and <= MostBlocks)) && shape.Blocks.Sum() <= MostBlocks,
            $"blocks, heads and windows are {Sam2Shape.Stages} numbers from 1 to {MostBlocks} each");
        Require(shape.ImageSide is >= 32 and <= LargestSide && shape.ImageSide % 32 == 0, $"the side of its images is a multiple of 32 up to {LargestSide}, not {shape.ImageSide}");
        Require(shape.Width is >= 1 and <= WidestLayer / 8, $"its first stage is 1 to {WidestLayer / 8} wide, not {shape.Width}");
        Require(Enumerable.Range(0, Sam2Shape.Stages).All(stage => shape.WidthOf(stage) % shape.Heads[stage] == 0), "the heads of a stage share its width evenly");
        Require(shape.Windows.Take(Sam2Shape.Stages - 1).All(side => side % 2 == 0), "windows of the stages before the last have an even side, as they are halved");
        Require(shape.GlobalBlocks.All(block => block >= 0 && block < shape.Blocks.Sum()), "its global blocks are among its blocks");
        Require(shape.PositionSide is >= 1 and <= LargestSide, $"its map of positions has a side of 1 to {LargestSide}, not {shape.PositionSide}");
        Require(shape.FeatureWidth is >= 8 and <= WidestLayer && shape.FeatureWidth % 8 == 0, $"its features are a multiple of 8 wide, not {shape.FeatureWidth}");
        Require(shape.DecoderHeads >= 1 && shape.FeatureWidth / 2 % shape.DecoderHeads == 0, $"the decoder's {shape.DecoderHeads} heads share half of {shape.FeatureWidth} evenly");
        Require(shape.DecoderInner is >= 1 and <= WidestLayer, $"the decoder's inner layers are 1 to {WidestLayer} wide, not {shape.DecoderInner}");
        return shape;
    }

    // A part that is left out is one of defaults.
    private static ConfigSection Part(ConfigSection parent, string name) =>
        parent.Has(name) ? parent.Section(name) : new ConfigSection(Nothing, parent.Source, $"{parent.Path}{name}.");

    // A side stands as a number or as height and width, which are equal.
    private static int Side(ConfigSection parent, string name, int otherwise)
    {
        if (!parent.Has(name) || parent.Json.GetProperty(name).ValueKind != JsonValueKind.Array)
            return parent.Whole(name, otherwise);
        return parent.WholeList(name) is [var height, var width] && height == width
            ? width
            : throw parent.Unexpected(name, parent.Json.GetProperty(name), "one number, or two that are equal");
    }
}
