namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Sizes of the image path of SAM 2 and 2.1, which are the same. The four published ones:
/// https://github.com/facebookresearch/sam2, sam2/configs/sam2.1/*.yaml.
/// </summary>
internal sealed record Sam2Shape
{
    /// <summary>Stages of the trunk; each halves the side of its map and doubles the width.</summary>
    public const int Stages = 4;

    /// <summary>Layers of the mask decoder.</summary>
    public const int DecoderLayers = 2;

    /// <summary>Masks of the decoder: one alone, and three of a choice.</summary>
    public const int Masks = 4;

    /// <summary>Side of the square that an image is brought to, in pixels: a multiple of 32.</summary>
    public int ImageSide { get; init; } = 1024;

    /// <summary>Width of the first stage.</summary>
    public required int Width { get; init; }

    /// <summary>Blocks of each stage.</summary>
    public required IReadOnlyList<int> Blocks { get; init; }

    /// <summary>Heads of attention of each stage.</summary>
    public required IReadOnlyList<int> Heads { get; init; }

    /// <summary>Side of the window of attention of each stage, in places of its map.</summary>
    public required IReadOnlyList<int> Windows { get; init; }

    /// <summary>Blocks, counted over all stages, that see the whole map.</summary>
    public required IReadOnlyList<int> GlobalBlocks { get; init; }

    /// <summary>Side of the learned map of positions that is stretched over the first stage.</summary>
    public int PositionSide { get; init; } = 7;

    /// <summary>Width of what the neck gives, of prompts and of the mask decoder; a multiple of 8.</summary>
    public int FeatureWidth { get; init; } = 256;

    /// <summary>Heads of attention of the mask decoder.</summary>
    public int DecoderHeads { get; init; } = 8;

    /// <summary>Inner width of the mask decoder's feed-forward layers.</summary>
    public int DecoderInner { get; init; } = 2048;

    /// <summary>How the single mask is judged.</summary>
    public MaskStability Stability { get; init; } = new();

    /// <summary>Side of the first stage's map.</summary>
    public int FirstSide => ImageSide / 4;

    /// <summary>Side of the map that prompts meet.</summary>
    public int FeatureSide => ImageSide / 16;

    public int WidthOf(int stage) => Width << stage;

    public static Sam2Shape Tiny { get; } = Published(96, [1, 2, 7, 2], [5, 7, 9]);

    public static Sam2Shape Small { get; } = Published(96, [1, 2, 11, 2], [7, 10, 13]);

    public static Sam2Shape BasePlus { get; } = Published(112, [2, 3, 16, 3], [12, 16, 20]) with { Heads = [2, 4, 8, 16], PositionSide = 14 };

    public static Sam2Shape Large { get; } = Published(144, [2, 6, 36, 4], [23, 33, 43]) with { Heads = [2, 4, 8, 16], Windows = [8, 4, 16, 8] };

    /// <summary>Tells which of the published sizes a checkpoint without a config has, by the shapes of its tensors.</summary>
    /// <exception cref="InvalidDataException">None of them.</exception>
    public static Sam2Shape Recognise(Sam2Tensors source)
    {
        const string Patches = "vision_encoder.backbone.patch_embed.projection.bias", BlockStart = "vision_encoder.backbone.blocks.";
        long width = source.Shapes.GetValueOrDefault(Patches) is [var rows] ? rows : 0;
        int blocks = source.Shapes.Keys.Where(name => name.StartsWith(BlockStart, StringComparison.Ordinal)).Select(name => name[BlockStart.Length..].Split('.')[0]).Distinct().Count();
        return new[] { Tiny, Small, BasePlus, Large }.FirstOrDefault(known => known.Width == width && known.Blocks.Sum() == blocks)
            ?? throw new InvalidDataException($"'{source.Source}' is no SAM 2 of a published size: its trunk is {width} wide and has {blocks} blocks; expected 96 and 12 (tiny), 96 and 16 (small), 112 and 24 (base+) or 144 and 48 (large). A model of another size needs its config.json beside model.safetensors.");
    }

    private static Sam2Shape Published(int width, int[] blocks, int[] globalBlocks) =>
        new() { Width = width, Blocks = blocks, Heads = [1, 2, 4, 8], Windows = [8, 4, 14, 7], GlobalBlocks = globalBlocks };
}

/// <summary>
/// When the decoder's single mask is kept: where its area hardly depends on where its logits are cut.
/// Source: sam2/modeling/sam/mask_decoder.py, _dynamic_multimask_via_stability.
/// </summary>
/// <param name="Delta">Logits are cut this far above and below 0.</param>
/// <param name="Threshold">Least share of the larger area that the smaller one has.</param>
internal sealed record MaskStability(double Delta = .05, double Threshold = .98);
