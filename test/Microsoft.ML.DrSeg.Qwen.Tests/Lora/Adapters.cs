using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>Adapters that change something.</summary>
internal static class Adapters
{
    public static LoraAdapter Random(TextShape shape, int rank)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        return LoraAdapter.Of(shape, new LoraSettings(rank, 2 * rank), (_, module) =>
        {
            (int inputs, int outputs) = module.Sizes(shape);
            return (randn([rank, inputs], generator: generator) * 0.1, randn([outputs, rank], generator: generator) * 0.1);
        });
    }
}
