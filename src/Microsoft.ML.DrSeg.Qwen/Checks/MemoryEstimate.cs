using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// The memory of a training step, from the sizes that config.json gives: what <see cref="QwenWeights"/>, <see cref="KeyValueCache"/>,
/// <see cref="AnswerScoring"/>, <see cref="TokenDistribution"/> and SAM hold. Not all of it is held at the same time, so the sum is rather too large.
/// Letters: G answers to a prompt, S tokens of the prompt, T of an answer, H width, I inner width of a layer.
/// </summary>
/// <param name="Shape">Sizes of the model.</param>
/// <param name="Segmenter">Sizes of SAM.</param>
/// <param name="WeightType">Type of the frozen weights.</param>
/// <param name="Trained">Numbers that are trained.</param>
/// <param name="Prompts">Prompts of a step.</param>
/// <param name="Answers">G.</param>
/// <param name="PromptTokens">S of the longest prompt.</param>
/// <param name="AnswerTokens">T of the longest answer.</param>
internal sealed record MemoryEstimate(QwenShape Shape, Sam2Shape Segmenter, ScalarType WeightType, long Trained, int Prompts, int Answers, int PromptTokens, int AnswerTokens)
{
    private const int Float32 = 4;

    // Each number with its gradient and the two moments of Adam.
    private const int NumbersOfTrained = 4;

    // The scores of a part of the tokens, their exponentials and their gradient.
    private const int ScoresHeld = 3;

    // libtorch's kernels and CUDA's context; the allocator's gaps grow with what is held.
    private const long Context = 1_500_000_000;
    private const double Gaps = 0.03;

    private const string SmallerImages = "smaller images", SmallerModel = "a smaller model", SmallerSegmenter = "a smaller SAM";

    private int Size => WeightType == ScalarType.BFloat16 ? 2 : Float32;

    private TextShape Text => Shape.Text;

    // The prompt is there once for all its answers.
    private long Tokens => PromptTokens + (long)Answers * AnswerTokens;

    /// <summary>Numbers in tensors of given shapes.</summary>
    public static long Count(IReadOnlyDictionary<string, long[]> shapes) => shapes.Values.Sum(shape => shape.Aggregate(1L, (product, side) => product * side));

    /// <summary>Parameters of the frozen model.</summary>
    public static long Parameters(QwenShape shape) => Count(QwenVisionTower.Shapes(shape)) + Count(TextModel.Shapes(shape.Text));

    /// <summary>The stages.</summary>
    public IReadOnlyList<MemoryStage> Stages()
    {
        long weights = Parameters(Shape) * Size;
        return
        [
            new("frozen weights", weights, [nameof(QwenModelOptions.WeightType), SmallerModel]),
            new("what is trained, its gradients and Adam's moments", Trained * NumbersOfTrained * Float32, [nameof(QwenModelOptions.LoraRank)]),
            new("keys and values of prompts and answers", KeysAndValues(), [.. Grown, nameof(Training.SamplingOptions.QueriesPerStep)]),
            new("kept inputs of layers", KeptInputs(), [.. Grown, nameof(Training.SamplingOptions.QueriesPerStep)]),
            new("one layer computed anew", Layer(), Grown),
            new($"scores of {TokenDistribution.TokensAtATime} tokens", (long)TokenDistribution.TokensAtATime * Text.VocabularySize * Float32 * ScoresHeld, []),
            new("SAM's weights", Count(Sam2TensorShapes.Of(Segmenter)) * Size, [SmallerSegmenter]),
            new("encoded images", SeenImages.CachedBytes + new Sam2SegmenterOptions().CacheBytes, []),
            new("CUDA's context, gaps between tensors", Context + (long)(weights * Gaps), []),
        ];
    }

    private static IReadOnlyList<string> Grown { get; } = [nameof(Training.SamplingOptions.GroupSize), nameof(QwenModelOptions.LongestAnswer), SmallerImages];

    // Of several prompts only as many at a time as have room.
    private long KeysAndValues()
    {
        long one = KeyValueCache.Bytes(Text, PromptTokens, Answers, AnswerTokens, Size);
        return Math.Max(one, Math.Min(AnswerGenerator.MostCacheBytes, one * Prompts));
    }

    // Of several prompts only as much as has room; the others are run once more.
    private long KeptInputs()
    {
        long one = (Text.Layers + 1L) * Tokens * Text.HiddenSize * Size;
        return Math.Max(one, Math.Min(LayerwiseScores.MostKeptBytes, one * Prompts));
    }

    // For each token what the way back needs of a layer. In the type of the weights: 8 H (both norms, queries, attention and what goes
    // into it, both sums) and 4 I (gate, its activation, up, their product). In Float32: the norms' 6 H, the inputs of the factors (6 H
    // and I, one for each module) and, on the way back, two gradients of I.
    private long Layer() => Tokens * (Size * (8L * Text.HiddenSize + 4L * Text.IntermediateSize) + Float32 * (12L * Text.HiddenSize + 3L * Text.IntermediateSize));
}
