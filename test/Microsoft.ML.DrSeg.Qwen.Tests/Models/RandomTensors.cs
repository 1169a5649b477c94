using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>A text model's weights drawn at random, of any size.</summary>
internal sealed class RandomTensors(TextShape shape) : ITensorSource
{
    public string Source => "random";

    public IReadOnlyDictionary<string, long[]> Shapes { get; } = TextModel.Shapes(shape);

    public Tensor Read(string name, ScalarType? type, Device device)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(17);
        long[] sides = Shapes[name];
        Tensor drawn = randn(sides, generator: generator) / Math.Sqrt(sides[^1]);
        return (sides.Length == 1 ? drawn + 1 : drawn).to(type ?? float32).MoveToOuterDisposeScope();
    }

    /// <summary>Sizes of a small model of any depth.</summary>
    public static TextShape Small(int layers) => new()
    {
        HiddenSize = 64, Layers = layers, Heads = 4, KeyValueHeads = 2, HeadSize = 16, IntermediateSize = 96, VocabularySize = 320,
        NormEpsilon = 1e-6, RopeTheta = 1e6, RopeSections = [2, 3, 3], RopeInterleaved = false, AttentionBias = true, HeadNorms = false, TiedEmbedding = true,
    };
}
