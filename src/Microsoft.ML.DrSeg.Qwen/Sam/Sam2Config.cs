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

    /// <exception cref="InvalidDataException">It is no config of SAM 2, or has sizes that fit no network.</exception>
    public static Sam2Shape Read(string path)
    {
        long length = new FileInfo(path).Length;
        if (length > LongestFile)
            throw new InvalidDataException($"'{path}' has {length:N0} bytes; a config has at most {LongestFile:N0}.");
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return Checked(Parse(json.RootElement), path);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"'{path}' is no config of SAM 2: {error.Message}", error);
        }
    }

    private static Sam2Shape Parse(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("model_type", out JsonElement type) || type.GetString() is not ("sam2" or "sam2_video"))
            throw new FormatException("its model_type is neither sam2 nor sam2_video.");
        JsonElement vision = Part(root, "vision_config"), trunk = Part(vision, "backbone_config"), decoder = Part(root, "mask_decoder_config");
        Sam2Shape tiny = Sam2Shape.Tiny;
        int width = Number(trunk, "hidden_size", tiny.Width);
        IReadOnlyList<int> widths = Numbers(trunk, "embed_dim_per_stage", [.. Enumerable.Range(0, Sam2Shape.Stages).Select(tiny.WidthOf)]);
        if (!widths.SequenceEqual(Enumerable.Range(0, Sam2Shape.Stages).Select(stage => width << stage)))
            throw new FormatException($"its embed_dim_per_stage is [{string.Join(", ", widths)}]; expected {width} doubled from stage to stage.");
        return new Sam2Shape
        {
            ImageSide = Side(Part(root, "prompt_encoder_config"), "image_size", tiny.ImageSide),
            Width = width,
            Blocks = Numbers(trunk, "blocks_per_stage", tiny.Blocks),
            Heads = Numbers(trunk, "num_attention_heads_per_stage", tiny.Heads),
            Windows = Numbers(trunk, "window_size_per_stage", tiny.Windows),
            GlobalBlocks = Numbers(trunk, "global_attention_blocks", tiny.GlobalBlocks),
            PositionSide = Side(trunk, "window_positional_embedding_background_size", tiny.PositionSide),
            FeatureWidth = Number(vision, "fpn_hidden_size", tiny.FeatureWidth),
            DecoderHeads = Number(decoder, "num_attention_heads", tiny.DecoderHeads),
            DecoderInner = Number(decoder, "mlp_dim", tiny.DecoderInner),
            Stability = new MaskStability(
                Fraction(decoder, "dynamic_multimask_stability_delta", tiny.Stability.Delta),
                Fraction(decoder, "dynamic_multimask_stability_thresh", tiny.Stability.Threshold)),
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

    private static JsonElement Part(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement part) ? part : default;

    private static int Number(JsonElement parent, string name, int otherwise) =>
        Part(parent, name) is { ValueKind: JsonValueKind.Number } value ? value.GetInt32() : otherwise;

    private static double Fraction(JsonElement parent, string name, double otherwise) =>
        Part(parent, name) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : otherwise;

    private static IReadOnlyList<int> Numbers(JsonElement parent, string name, IReadOnlyList<int> otherwise) =>
        Part(parent, name) is { ValueKind: JsonValueKind.Array } values ? [.. values.EnumerateArray().Select(value => value.GetInt32())] : otherwise;

    // A side stands as a number or as height and width, which are equal.
    private static int Side(JsonElement parent, string name, int otherwise) => Numbers(parent, name, []) switch
    {
        [] => Number(parent, name, otherwise),
        [var height, var width] when height == width => width,
        var sides => throw new FormatException($"its {name} is [{string.Join(", ", sides)}]; expected two equal numbers."),
    };
}
