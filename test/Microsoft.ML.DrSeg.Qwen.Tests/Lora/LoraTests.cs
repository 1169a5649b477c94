using System.Text.Json.Nodes;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class LoraTests() : TinyQwenFixture(Name)
{
    private const string Name = "qwen2_5_vl_tied";
    private static readonly string Folder = Reference.PathOf($"{Name}.adapter");

    private Tensor GroupLogits(LoraAdapter? adapter)
    {
        using IDisposable withoutGradient = no_grad();
        return stack([.. Tiny.AnswerTokens().Select(answer => Tiny.Logits(1, answer, adapter))]);
    }

    [Test]
    public void AnAdapterOfPeftGivesWhatItGivesThereAndNothingWhenLeftOut()
    {
        Tensor before = GroupLogits(null);
        using LoraAdapter adapter = TinyQwen.ReferenceAdapter(Tiny.Model.Shape);
        Assert.That(adapter.Settings, Is.EqualTo(new LoraSettings(4, 12)));
        Assert.That(adapter.Modules().Count(), Is.EqualTo(21));
        Tiny.Reference.RequireNear(GroupLogits(adapter), "lora.group.logits", 5e-4);
        Assert.That(GroupLogits(null).eq(before).all().item<bool>());
        Tiny.Reference.RequireNear(before, "group.logits", 5e-4);
    }

    [Test]
    public void ItsGradientsAreUpstreams()
    {
        using LoraAdapter adapter = TinyQwen.ReferenceAdapter(Tiny.Model.Shape);
        using var distribution = new TokenDistribution(Tiny.Model, []);
        using var scores = LayerwiseScores.Of(
            [new AnswerScoring(Tiny.Model, distribution, adapter, Tiny.Prompts[1], Tiny.Answers()[0], ones(3, 7))], gradient: true, EntropyUse.None);
        Tensor loss = (scores.LogProbabilities * Tiny.Reference.Data("gradient.weights")).sum();
        Tiny.Reference.RequireNear(loss, "lora.loss", 5e-4);
        loss.backward();
        scores.Backward();
        foreach (string module in new[] { "0.self_attn.q_proj", "0.self_attn.o_proj", "2.mlp.down_proj" })
            foreach (string factor in new[] { "lora_A", "lora_B" })
            {
                string tensor = $"base_model.model.model.language_model.layers.{module}.{factor}.weight";
                Tiny.Reference.RequireNear(adapter.Tensors()[tensor].grad!, $"lora.gradient.{tensor}", 1e-3);
            }
        Assert.That(Tiny.Model.Weights.Values.All(weight => weight.grad is null), "the model is frozen");
    }

    [Test]
    public void WhatIsWrittenIsWhatWasRead()
    {
        using LoraAdapter adapter = TinyQwen.ReferenceAdapter(Tiny.Model.Shape);
        using var folder = new TemporaryFolder();
        AdapterFolder.Write(folder.Path, adapter, Name);
        JsonNode Config(string path) => JsonNode.Parse(File.ReadAllText(Path.Combine(path, "adapter_config.json")))!;
        Assert.That(JsonNode.DeepEquals(Config(folder.Path), Config(Folder)), Config(folder.Path).ToJsonString());
        using var expected = SafetensorsFolder.Open(Path.Combine(Folder, "adapter_model.safetensors"));
        using var written = SafetensorsFolder.Open(Path.Combine(folder.Path, "adapter_model.safetensors"));
        Assert.That(written.Shapes.Keys, Is.EquivalentTo(expected.Shapes.Keys));
        foreach (string tensor in expected.Shapes.Keys)
            Assert.That(written.Read(tensor, null, CPU).eq(expected.Read(tensor, null, CPU)).all().item<bool>(), tensor);
        Assert.That(File.ReadAllText(Path.Combine(folder.Path, "adapter_model.safetensors")), Does.Contain("""{"__metadata__":{"format":"pt"},"""));
    }

    [Test]
    public void TheOldLayoutOfNamesIsReadToo()
    {
        using LoraAdapter adapter = TinyQwen.ReferenceAdapter(Tiny.Model.Shape);
        using var folder = new TemporaryFolder();
        Write(folder.Path, adapter.Tensors().ToDictionary(tensor => tensor.Key.Replace("model.language_model.", "model."), tensor => tensor.Value), []);
        using LoraAdapter read = AdapterFolder.Read(folder.Path, Tiny.Model.Shape, CPU);
        foreach (var (one, other) in adapter.Parameters().Zip(read.Parameters())) Assert.That(one.eq(other).all().item<bool>());
    }

    // An adapter in a folder, fields of its configuration changed.
    private static void Write(string folder, Dictionary<string, Tensor> tensors, Dictionary<string, string> changes)
    {
        JsonNode config = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "adapter_config.json")))!;
        foreach ((string field, string value) in changes) config[field] = JsonNode.Parse(value);
        File.WriteAllText(Path.Combine(folder, "adapter_config.json"), config.ToJsonString());
        using FileStream stream = File.Create(Path.Combine(folder, "adapter_model.safetensors"));
        SafetensorsFile.Write(stream, tensors);
    }

    [TestCase("use_dora", "true")]
    [TestCase("bias", "\"all\"")]
    [TestCase("modules_to_save", "[\"lm_head\"]")]
    [TestCase("rank_pattern", "{\"q_proj\":8}")]
    [TestCase("alpha_pattern", "{\"q_proj\":8}")]
    [TestCase("fan_in_fan_out", "true")]
    [TestCase("peft_type", "\"IA3\"")]
    [TestCase("r", "0")]
    [TestCase("lora_alpha", "\"much\"")]
    public void AnotherKindOfAdapterIsRefusedByTheFieldsName(string field, string value)
    {
        using LoraAdapter adapter = TinyQwen.ReferenceAdapter(Tiny.Model.Shape);
        using var folder = new TemporaryFolder();
        Write(folder.Path, adapter.Tensors().ToDictionary(), new() { [field] = value });
        Assert.That(() => AdapterFolder.Read(folder.Path, Tiny.Model.Shape, CPU), Throws.TypeOf<InvalidDataException>().With.Message.Contains(field == "lora_alpha" ? "Number" : field));
    }

    [Test]
    public void TensorsThatDoNotFitAreNamed()
    {
        using LoraAdapter adapter = TinyQwen.ReferenceAdapter(Tiny.Model.Shape);
        using var folder = new TemporaryFolder();
        string some = adapter.Tensors().Keys.First();
        void Refused(Action<Dictionary<string, Tensor>> change, string message)
        {
            var tensors = adapter.Tensors().ToDictionary();
            change(tensors);
            Write(folder.Path, tensors, []);
            Assert.That(() => AdapterFolder.Read(folder.Path, Tiny.Model.Shape, CPU), Throws.TypeOf<InvalidDataException>().With.Message.Contains(message));
        }
        Refused(tensors => tensors.Remove(some), "without the other factor");
        Refused(tensors => tensors.Clear(), "no factor");
        Refused(tensors => tensors[some] = zeros(2, 2), some);
        Refused(tensors => tensors["base_model.model.model.visual.blocks.0.attn.qkv.lora_A.weight"] = zeros(4, 32), "visual.blocks.0");
        Refused(tensors => tensors[some.Replace("layers.0", "layers.9")] = zeros(4, 64), "layers.9");
        File.Delete(Path.Combine(folder.Path, "adapter_config.json"));
        Assert.That(() => AdapterFolder.Read(folder.Path, Tiny.Model.Shape, CPU), Throws.TypeOf<FileNotFoundException>());
    }

    [Test]
    public void AFreshAdapterChangesNothingUntilItsFirstStep()
    {
        using LoraAdapter adapter = LoraAdapter.Fresh(Tiny.Model.Shape, new LoraSettings(4, 8, RankStabilised: true), seed: 1, CPU), again = LoraAdapter.Fresh(Tiny.Model.Shape, adapter.Settings, seed: 1, CPU);
        Assert.That(adapter.Settings.Scale, Is.EqualTo(4));
        Assert.That(GroupLogits(adapter).eq(GroupLogits(null)).all().item<bool>());
        foreach (var (one, other) in adapter.Parameters().Zip(again.Parameters())) Assert.That(one.eq(other).all().item<bool>());
        foreach ((_, TextModule module, LoraFactors factors) in adapter.Modules())
        {
            double bound = 1 / Math.Sqrt(module.Sizes(Tiny.Model.Shape).In);
            Assert.That(factors.Down.abs().max().item<float>(), Is.InRange(0.9 * bound, bound));
            Assert.That(factors.Up.count_nonzero().item<long>(), Is.Zero);
        }
        using var distribution = new TokenDistribution(Tiny.Model, []);
        var optimizer = optim.SGD(adapter.Parameters(), 0.1);
        void Step()
        {
            optimizer.zero_grad();
            using var scores = LayerwiseScores.Of(
                [new AnswerScoring(Tiny.Model, distribution, adapter, Tiny.Prompts[1], Tiny.Answers()[0], ones(3, 7))], gradient: true, EntropyUse.None);
            scores.LogProbabilities.sum().neg().backward();
            scores.Backward();
            optimizer.step();
        }
        Step();
        Assert.That(adapter.Modules().All(one => one.Factors.Down.grad!.count_nonzero().item<long>() == 0 && one.Factors.Up.grad!.count_nonzero().item<long>() > 0), "A has a gradient only once B is not 0");
        Step();
        Assert.That(adapter.Modules().All(one => one.Factors.Down.grad!.count_nonzero().item<long>() > 0));
        Assert.That(GroupLogits(adapter).eq(GroupLogits(null)).all().item<bool>(), Is.False);
    }

    [Test]
    public void FactorsStayFloat32OverAModelInBFloat16()
    {
        using var half = new TinyQwen(Name, ScalarType.BFloat16);
        using LoraAdapter adapter = TinyQwen.ReferenceAdapter(half.Model.Shape), full = TinyQwen.ReferenceAdapter(half.Model.Shape);
        double[] Step(TinyQwen tiny, LoraAdapter trained)
        {
            using var distribution = new TokenDistribution(tiny.Model, []);
            using var scores = LayerwiseScores.Of(
                [new AnswerScoring(tiny.Model, distribution, trained, tiny.Prompts[1], tiny.Answers()[0], ones(3, 7))], gradient: true, EntropyUse.None);
            scores.LogProbabilities.sum().backward();
            scores.Backward();
            Assert.That(trained.Parameters().All(parameter => parameter.grad!.dtype == ScalarType.Float32));
            return [.. scores.LogProbabilities.data<float>().Select(value => (double)value)];
        }
        double[] rough = Step(half, adapter), exact = Step(Tiny, full);
        double gap = rough.Zip(exact, (one, other) => Math.Abs(one - other)).Max();
        Tensor found = cat([.. adapter.Parameters().Select(parameter => parameter.grad!.reshape(-1))]), expected = cat([.. full.Parameters().Select(parameter => parameter.grad!.reshape(-1))]);
        double cosine = (found * expected).sum().item<float>() / (found.norm().item<float>() * expected.norm().item<float>());
        TestContext.Out.WriteLine($"log-probabilities differ by {gap:F3} at most; cosine of the gradients {cosine:F5}");
        Assert.That(gap, Is.InRange(1e-4, 0.6));
        Assert.That(cosine, Is.GreaterThan(0.99));
    }
}
