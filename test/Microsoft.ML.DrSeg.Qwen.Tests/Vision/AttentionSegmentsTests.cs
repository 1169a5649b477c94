using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class AttentionSegmentsTests
{
    // Of one length alone, of lengths that are together already, and of lengths that are not.
    [TestCase(4, 4, 4)]
    [TestCase(5)]
    [TestCase(3, 3, 2, 2, 1)]
    [TestCase(3, 2, 3, 1, 2, 3)]
    public void EverySegmentIsAsItIsAlone(params int[] lengths)
    {
        const int Heads = 2, Size = 4;
        using var scope = NewDisposeScope();
        using var generator = new Generator(5, CPU);
        Tensor[] all = [.. Enumerable.Range(0, 3).Select(_ => randn([lengths.Sum(), Heads, Size], generator: generator))];
        using var segments = new AttentionSegments(lengths, CPU);
        Tensor found = segments.Attend(all[0], all[1], all[2]);
        Assert.That(found.shape, Is.EqualTo(new long[] { lengths.Sum(), Heads * Size }));
        long start = 0;
        foreach (int length in lengths)
        {
            Tensor[] alone = [.. all.Select(values => values.narrow(0, start, length).transpose(0, 1).unsqueeze(0))];
            // By hand: softmax(q k' / sqrt(d)) v.
            Tensor weights = einsum("bhqd,bhkd->bhqk", alone[0], alone[1]).div(tensor(MathF.Sqrt(Size))).softmax(-1);
            Tensor expected = einsum("bhqk,bhkd->qhd", weights, alone[2]).reshape(length, Heads * Size);
            Assert.That((found.narrow(0, start, length) - expected).abs().max().item<float>(), Is.LessThan(1e-5));
            start += length;
        }
    }
}
