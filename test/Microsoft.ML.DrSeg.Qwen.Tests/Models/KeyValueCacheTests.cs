using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>Attention to a prompt that is there once, against that to a copy of it before every answer.</summary>
public class KeyValueCacheTests
{
    private const int Prompt = 11, Answers = 3, Longest = 5, Layers = 2;

    private static readonly TextShape Shape = ReferenceModel("qwen2_5_vl_tied");

    private static TextShape ReferenceModel(string name)
    {
        using var reference = new ReferenceModel(name);
        return reference.Shape.Text with { Layers = Layers };
    }

    [Test]
    public void APromptThatIsThereOnceIsSeenAsByEveryAnswerAlone([Values(ScalarType.Float32, ScalarType.BFloat16)] ScalarType type)
    {
        using var scope = NewDisposeScope();
        using IDisposable withoutGradient = no_grad();
        manual_seed(1);
        int heads = Shape.Heads, keyHeads = Shape.KeyValueHeads, size = Shape.HeadSize;
        Tensor Some(params long[] shape) => (randn(shape) * 2).to(type);
        (Tensor Keys, Tensor Values) prompt = (Some(Prompt, keyHeads, size), Some(Prompt, keyHeads, size));
        using var cache = new KeyValueCache(Shape, Prompt, Answers, Longest, type, CPU);
        using var alone = new SharedPromptAttention(Shape, Prompt, answers: 0, length: 0, CPU);
        for (int layer = 0; layer < Layers; layer++) cache.Prompt(layer, alone)(Some(Prompt, heads, size), prompt.Keys, prompt.Values);
        List<Tensor> keys = [], values = [];
        for (int token = 0; token < Longest; token++)
        {
            // The answer in the middle ends after two tokens.
            if (token == 2)
            {
                cache.Keep([0, 2]);
                Tensor kept = tensor(new long[] { 0, 2 });
                keys = [.. keys.Select(one => one.index_select(0, kept))];
                values = [.. values.Select(one => one.index_select(0, kept))];
            }
            long rows = token < 2 ? Answers : 2;
            Tensor queries = Some(rows, heads, size);
            keys.Add(Some(rows, keyHeads, size));
            values.Add(Some(rows, keyHeads, size));
            Tensor Whole(Tensor shared, List<Tensor> own) => cat([shared.transpose(0, 1).unsqueeze(0).expand(rows, -1, -1, -1), stack(own, 2)], 2);
            Tensor expected = GroupedAttention.Apply(queries.unsqueeze(1), Whole(prompt.Keys, keys), Whole(prompt.Values, values), null);
            for (int layer = 0; layer < Layers; layer++)
            {
                Tensor found = cache.Next(layer, queries, keys[^1], values[^1]);
                Assert.That((found.to(ScalarType.Float32) - expected.to(ScalarType.Float32)).abs().max().item<float>(), Is.LessThan(type == ScalarType.Float32 ? 2e-6 : 5e-2));
            }
            cache.Advance();
        }
        Assert.That(cache.Length, Is.EqualTo(Longest));
    }

    [Test]
    public void ItsBytesAreThoseOfItsTensors()
    {
        using var scope = NewDisposeScope();
        Assert.That(KeyValueCache.Bytes(Shape, Prompt, Answers, Longest, 2), Is.EqualTo(2L * Layers * Shape.KeyValueHeads * Shape.HeadSize * (11 + 3 * 5) * 2));
    }
}
