namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>Which of Qwen's visual language models a folder holds.</summary>
internal enum QwenFamily
{
    /// <summary>Qwen2-VL: whole-image attention, LayerNorm, answers in thousandths of the image.</summary>
    Qwen2,

    /// <summary>Qwen2.5-VL: windows, RMSNorm, answers in pixels of the resized image.</summary>
    Qwen25,

    /// <summary>Qwen3-VL: learned positions, deepstack, answers in thousandths of the image.</summary>
    Qwen3,
}

/// <summary>What config.json says of a model.</summary>
/// <param name="Family">Its architecture.</param>
/// <param name="Text">Sizes of the text model.</param>
/// <param name="Vision">Sizes of the vision tower.</param>
/// <param name="ImageToken">Id that stands for one token of an image.</param>
/// <param name="VideoToken">Id that stands for one token of a video.</param>
/// <param name="VisionStart">Id before an image.</param>
/// <param name="VisionEnd">Id after an image.</param>
internal sealed record QwenShape(QwenFamily Family, TextShape Text, VisionShape Vision, int ImageToken, int VideoToken, int VisionStart, int VisionEnd);

/// <summary>Sizes of the text model.</summary>
internal sealed record TextShape
{
    public required int HiddenSize { get; init; }
    public required int Layers { get; init; }
    public required int Heads { get; init; }
    public required int KeyValueHeads { get; init; }
    public required int HeadSize { get; init; }
    public required int IntermediateSize { get; init; }

    /// <summary>Rows of the embedding, more than the tokenizer has tokens.</summary>
    public required int VocabularySize { get; init; }
    public required double NormEpsilon { get; init; }
    public required double RopeTheta { get; init; }

    /// <summary>Frequencies that time, row and column have in the rotary positions; they add up to half of <see cref="HeadSize"/>.</summary>
    public required IReadOnlyList<int> RopeSections { get; init; }

    /// <summary>Whether the three take turns (Qwen3-VL) instead of following each other.</summary>
    public required bool RopeInterleaved { get; init; }

    /// <summary>Whether queries, keys and values have a bias.</summary>
    public required bool AttentionBias { get; init; }

    /// <summary>Whether each head's queries and keys are normalised (Qwen3-VL).</summary>
    public required bool HeadNorms { get; init; }

    /// <summary>Whether the embedding is the output layer too; the presence of <c>lm_head.weight</c> decides.</summary>
    public required bool TiedEmbedding { get; init; }
}

/// <summary>Sizes of the vision tower.</summary>
internal sealed record VisionShape
{
    public required int Depth { get; init; }
    public required int HiddenSize { get; init; }
    public required int Heads { get; init; }
    public required int IntermediateSize { get; init; }

    /// <summary>Width of what it hands to the text model.</summary>
    public required int OutputSize { get; init; }

    /// <summary>Side of a patch, in pixels.</summary>
    public required int PatchSize { get; init; }

    /// <summary>Frames of a patch: a still image is repeated to as many.</summary>
    public required int TemporalPatchSize { get; init; }

    /// <summary>Side of the square of patches that becomes one token.</summary>
    public required int MergeSize { get; init; }

    /// <summary>Side of an attention window, in pixels; 0 where every block sees the whole image.</summary>
    public int WindowSize { get; init; }

    /// <summary>Blocks that see the whole image where there are windows.</summary>
    public IReadOnlyList<int> WholeImageBlocks { get; init; } = [];

    /// <summary>Rows of the table of learned positions (Qwen3-VL), a square; 0 for none.</summary>
    public int PositionRows { get; init; }

    /// <summary>Blocks whose output goes to the first text layers too (Qwen3-VL).</summary>
    public IReadOnlyList<int> DeepstackBlocks { get; init; } = [];

    /// <summary>Sides of a resized image are multiples of this, in pixels.</summary>
    public int Factor => PatchSize * MergeSize;
}
