using System.Runtime.InteropServices;
using Microsoft.ML.DrSeg.Models;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

[Platform("Linux")]
[NonParallelizable]
public partial class LayerwiseMemoryTests
{
    private const int Prompt = 400, Group = 4, Answer = 200;

    [Test]
    public void TheWayBackHoldsOneLayersGraphHoweverManyThereAre()
    {
        var layerwise = new Dictionary<int, double>();
        var whole = new Dictionary<int, double>();
        foreach (int layers in new[] { 2, 8, 32 })
        {
            layerwise[layers] = Peak(layers, Layerwise);
            whole[layers] = Peak(layers, WholeGraph);
            TestContext.Out.WriteLine($"{layers} layers: {layerwise[layers]:F1} MB layer by layer, {whole[layers]:F1} MB of the whole graph");
        }
        // What is kept of a layer is what goes into it.
        const double Kept = (Prompt + Group * (Answer - 1)) * 64 * sizeof(float) / 1e6;
        Assert.That((layerwise[32] - layerwise[2]) / 30, Is.LessThan(2 * Kept));
        Assert.That((whole[32] - whole[2]) / 30, Is.GreaterThan(8 * Kept));
    }

    private static void Layerwise(TextModel model, TokenDistribution distribution, LoraAdapter adapter, TextPrompt prompt, Tensor tokens)
    {
        using var scores = LayerwiseScores.Of([new AnswerScoring(model, distribution, adapter, prompt, tokens, ones(Group, Answer))], gradient: true, EntropyUse.None);
        scores.LogProbabilities.sum().backward();
        scores.Backward();
    }

    private static void WholeGraph(TextModel model, TokenDistribution distribution, LoraAdapter adapter, TextPrompt prompt, Tensor tokens)
    {
        using var attention = new SharedPromptAttention(model.Shape, Prompt, Group, Answer - 1, CPU);
        Tensor positions = cat([prompt.Positions, arange(Prompt, Prompt + Answer - 1, int64).repeat(Group).expand(3, -1)], 1);
        var rotation = TextRotation.Of(model.Shape, positions, model.Type);
        Tensor hidden = cat([model.Embed(prompt), model.Embed(tokens.narrow(1, 0, Answer - 1).reshape(-1))]);
        for (int layer = 0; layer < model.Shape.Layers; layer++)
        {
            Tensor next = model.Run(layer, hidden, rotation, attention.Attend, adapter, prompt);
            hidden.Dispose();
            hidden = next;
        }
        // The output layer layer is none of the comparison: one token's.
        TokenDistribution.LogProbabilities(distribution.Logits(hidden.narrow(0, Prompt - 1, 1)), tokens[0].narrow(0, 0, 1)).sum().backward();
    }

    private static double Peak(int layers, Action<TextModel, TokenDistribution, LoraAdapter, TextPrompt, Tensor> work)
    {
        using var scope = NewDisposeScope();
        TextShape shape = RandomTensors.Small(layers);
        using var model = TextModel.Read(shape, new RandomTensors(shape), float32, CPU);
        using LoraAdapter adapter = Adapters.Random(shape, 2);
        using var distribution = new TokenDistribution(model, [], atATime: 16);
        using var prompt = new TextPrompt([.. Enumerable.Range(0, Prompt).Select(i => i % 300)], [], null, Sizes(shape), CPU);
        Tensor tokens = randint(0, 300, [Group, Answer], int64);
        long before = Held(), peak = before;
        using var done = new ManualResetEventSlim();
        var watch = new Thread(() =>
        {
            while (!done.Wait(0))
            {
                peak = Math.Max(peak, Held());
                Thread.SpinWait(2000);
            }
        });
        watch.Start();
        using (NewDisposeScope()) work(model, distribution, adapter, prompt, tokens);
        done.Set();
        watch.Join();
        return (peak - before) / 1e6;
    }

    private static QwenShape Sizes(TextShape text) => new(QwenFamily.Qwen25, text,
        new VisionShape { Depth = 1, HiddenSize = 32, Heads = 2, IntermediateSize = 32, OutputSize = 64, PatchSize = 14, TemporalPatchSize = 2, MergeSize = 2 }, 305, 306, 303, 304);

    // Bytes that native code holds: of the heap, and of large blocks.
    private static long Held()
    {
        MemoryFigures figures = mallinfo2();
        return (long)(figures.InUse + figures.Mapped);
    }

    // glibc's struct mallinfo2, of ten numbers.
    [StructLayout(LayoutKind.Sequential)]
    private struct MemoryFigures
    {
        public nuint Arena, FreeChunks, FastFree, MappedBlocks, Mapped, Unused, FastBytes, InUse, Free, KeepCost;
    }

    [LibraryImport("libc")]
    private static partial MemoryFigures mallinfo2();
}
