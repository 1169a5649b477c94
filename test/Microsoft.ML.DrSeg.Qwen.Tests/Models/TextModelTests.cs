using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

[TestFixtureSource(typeof(ReferenceModel), nameof(ReferenceModel.Names))]
public class TextModelTests(string name) : TinyQwenFixture(name)
{
    // A prompt's part of a tensor over padded prompts, [..., 2, 40, ...].
    private Tensor Expected(string tensor, int prompt) =>
        Tiny.Reference.Data(tensor).select(0, prompt).narrow(0, 40 - Tiny.Prompts[prompt].Length, Tiny.Prompts[prompt].Length);

    private static void RequireNear(Tensor found, Tensor expected, double tolerance, string what)
    {
        Assert.That(found.shape, Is.EqualTo(expected.shape), what);
        Assert.That((found - expected).abs().max().item<float>() / expected.abs().max().item<float>(), Is.LessThan(tolerance), what);
    }

    [Test]
    public void EveryLayerGivesWhatUpstreamGives()
    {
        using IDisposable withoutGradient = no_grad();
        for (int prompt = 0; prompt < 2; prompt++)
        {
            TextPrompt asked = Tiny.Prompts[prompt];
            using var attention = new SharedPromptAttention(Tiny.Model.Shape, asked.Length, 0, 0, CPU);
            var rotation = TextRotation.Of(Tiny.Model.Shape, asked.Positions, float32);
            Tensor hidden = Tiny.Model.Embed(asked);
            RequireNear(hidden, Expected("language.inputs_embeds", prompt), 1e-4, "embeddings");
            for (int layer = 0; layer < Tiny.Model.Shape.Layers; layer++)
            {
                // What upstream gives of a layer is without what deepstack adds behind it.
                RequireNear(Tiny.Model.Run(layer, hidden, rotation, attention.Attend, null, null), Expected($"language.layer{layer}", prompt), 1e-4, $"layer {layer}");
                hidden = Tiny.Model.Run(layer, hidden, rotation, attention.Attend, null, asked);
            }
            RequireNear(Tiny.Model.Normalise(hidden), Expected("language.norm", prompt), 1e-4, "norm");
            RequireNear(Tiny.Model.Logits(hidden), Expected("logits", prompt), 5e-4, "logits");
        }
    }

    [Test]
    public void TokensAreAsProbableAsUpstream()
    {
        using IDisposable withoutGradient = no_grad();
        using var distribution = new TokenDistribution(Tiny.Model, []);
        for (int prompt = 0; prompt < 2; prompt++)
        {
            int length = Tiny.Prompts[prompt].Length;
            (Tensor found, _) = distribution.Score(Tiny.Hidden(Tiny.Prompts[prompt]).narrow(0, 0, length - 1), Tiny.Prompts[prompt].Tokens.narrow(0, 1, length - 1), entropy: false);
            Tensor expected = Tiny.Reference.Data("log_probabilities").select(0, prompt).narrow(0, 40 - length, length - 1);
            Assert.That((found - expected).abs().max().item<float>(), Is.LessThan(5e-4));
        }
    }

    [Test]
    public void WeightsOfTheOldLayoutGiveTheSameModel()
    {
        using IDisposable withoutGradient = no_grad();
        using var old = TextModel.Read(Tiny.Model.Shape, new OldNames(Tiny.Reference.Weights), float32, CPU);
        Assert.That(old.Weights.Keys, Is.EquivalentTo(Tiny.Model.Weights.Keys));
        foreach ((string weight, Tensor value) in old.Weights) Assert.That(value.eq(Tiny.Model.Weights[weight]).all().item<bool>(), weight);
    }

    [Test]
    public void AMissingWeightIsNamed()
    {
        TextShape deeper = Tiny.Model.Shape with { Layers = 4 };
        Assert.That(() => TextModel.Read(deeper, Tiny.Reference.Weights, float32, CPU), Throws.TypeOf<InvalidDataException>().With.Message.Contains("layers.3.input_layernorm.weight"));
    }

    [Test]
    public void APromptHoldsATokenForEachOfItsImages()
    {
        int[] tokens = Tiny.Reference.Prompts[0], cut = tokens[..10], text = [1, 2, 3];
        Assert.That(() => Tiny.Prompt(0, cut), Throws.ArgumentException.With.Message.Contains("18"));
        Assert.That(() => new TextPrompt(tokens, [Tiny.Reference.Grids[0]], null, Tiny.Reference.Shape, CPU), Throws.ArgumentException.With.Message.Contains("its images are 0 tokens"));
        Assert.That(() => new TextPrompt([], [], null, Tiny.Reference.Shape, CPU), Throws.ArgumentException);
        using var alone = new TextPrompt(text, [], null, Tiny.Reference.Shape, CPU);
        using IDisposable withoutGradient = no_grad();
        Assert.That(Tiny.Hidden(alone).shape, Is.EqualTo(new long[] { 3, 64 }));
    }
}

public class BFloat16TextModelTests
{
    [Test]
    public void InBFloat16LogitsAreAsFarFromFloat32AsUpstream()
    {
        using var scope = NewDisposeScope();
        using IDisposable withoutGradient = no_grad();
        using var half = new TinyQwen("qwen2_5_vl_tied", ScalarType.BFloat16);
        using var full = new TinyQwen("qwen2_5_vl_tied");
        for (int prompt = 0; prompt < 2; prompt++)
        {
            Tensor difference = half.Model.Logits(half.Hidden(half.Prompts[prompt])) - full.Model.Logits(full.Hidden(full.Prompts[prompt]));
            double largest = difference.abs().max().item<float>(), mean = difference.abs().mean().item<float>();
            TestContext.Out.WriteLine($"prompt {prompt}: largest {largest:F3}, mean {mean:F4}");
            // Upstream: .42 at most, of logits whose spread is 4.8.
            Assert.That(largest, Is.InRange(0.01, 0.85));
            Assert.That(mean, Is.LessThan(0.1));
        }
    }
}
