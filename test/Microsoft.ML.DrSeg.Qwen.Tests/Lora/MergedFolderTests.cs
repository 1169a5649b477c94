using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class MergedFolderTests() : TinyQwenFixture("qwen2_5_vl_tied")
{
    private LoraAdapter _adapter = null!;
    private TemporaryFolder _model = null!, _target = null!;

    [SetUp]
    public void Load()
    {
        _adapter = TinyQwen.ReferenceAdapter(Tiny.Model.Shape);
        (_model, _target) = (new TemporaryFolder(), new TemporaryFolder());
        File.WriteAllText(Path.Combine(_model.Path, "config.json"), "{}");
        File.WriteAllText(Path.Combine(_model.Path, "pytorch_model.bin"), "old");
    }

    [TearDown]
    public void Free()
    {
        _model.Dispose();
        _target.Dispose();
        _adapter.Dispose();
    }

    private Dictionary<string, string> WriteShard(string file, Func<string, bool> isIn, Func<string, string>? rename = null)
    {
        using FileStream stream = File.Create(_model.File(file));
        var tensors = Tiny.Reference.Weights.Shapes.Keys.Where(isIn).ToDictionary(rename ?? (name => name), name => Tiny.Reference.Weights.Read(name, null, CPU));
        SafetensorsFile.Write(stream, tensors);
        return tensors.Keys.ToDictionary(name => name, _ => file);
    }

    private static bool IsLayerOne(string name) => name.Contains("layers.1.", StringComparison.Ordinal);

    [TestCase(false)]
    [TestCase(true)]
    public void TheMergedModelGivesWhatTheModelGivesWithItsAdapter(bool oldNames)
    {
        using IDisposable withoutGradient = no_grad();
        Func<string, string>? rename = oldNames ? name => name.Replace("model.language_model.", "model.").Replace("model.visual.", "visual.") : null;
        Dictionary<string, string> fileOf = [];
        foreach (Dictionary<string, string> shard in new[] { WriteShard("model-1.safetensors", name => !IsLayerOne(name), rename), WriteShard("model-2.safetensors", IsLayerOne, rename) })
            foreach ((string name, string file) in shard) fileOf.Add(name, file);
        File.WriteAllText(_model.File("model.safetensors.index.json"), JsonSerializer.Serialize(new { weight_map = fileOf }));
        MergedFolder.Write(_model.Path, _adapter, _target.Path);
        Assert.That(Directory.GetFiles(_target.Path).Select(Path.GetFileName), Is.EquivalentTo(new[] { "config.json", "model-1.safetensors", "model-2.safetensors", "model.safetensors.index.json" }));
        using var merged = SafetensorsFolder.Open(_target.Path);
        Assert.That(merged.Shapes.Keys, Is.EquivalentTo(Tiny.Reference.Weights.Shapes.Keys.Select(rename ?? (name => name))));
        using var model = TextModel.Read(Tiny.Model.Shape, merged, float32, CPU);
        foreach ((string name, Tensor weight) in model.Weights)
            Assert.That(weight.eq(Tiny.Model.Weights[name]).all().item<bool>(), Is.EqualTo(LoraNames.Weight(name) is null), name);
        foreach ((string name, Tensor weight) in model.Weights) Tiny.Model.Weights[name].copy_(weight);
        Tensor logits = stack([.. Tiny.AnswerTokens().Select(answer => Tiny.Logits(1, answer))]);
        Tiny.Reference.RequireNear(logits, "lora.group.logits", 1e-4);
    }

    [Test]
    public void WeightsKeepTheirType()
    {
        JsonObject header = [];
        var bytes = new MemoryStream();
        foreach (string name in Tiny.Reference.Weights.Shapes.Keys)
        {
            Tensor weight = Tiny.Reference.Weights.Read(name, ScalarType.BFloat16, CPU);
            long from = bytes.Position;
            bytes.Write(weight.bytes);
            header[name] = JsonSerializer.SerializeToNode(new { dtype = "BF16", weight.shape, data_offsets = new[] { from, bytes.Position } });
        }
        File.WriteAllBytes(_model.File("model.safetensors"), HandMadeFile.Safetensors(header.ToJsonString(), bytes.ToArray()));
        MergedFolder.Write(_model.Path, _adapter, _target.Path);
        using var merged = SafetensorsFolder.Open(_target.Path);
        foreach ((int layer, TextModule module, LoraFactors factors) in _adapter.Modules())
        {
            string name = $"model.language_model.layers.{layer}.{module.Path()}.weight";
            Tensor expected = (Tiny.Reference.Weights.Read(name, ScalarType.BFloat16, CPU).to(float32) + factors.Product()).to(ScalarType.BFloat16), found = merged.Read(name, null, CPU);
            Assert.That(found.dtype, Is.EqualTo(ScalarType.BFloat16));
            Assert.That(found.eq(expected).all().item<bool>(), name);
        }
    }

    [Test]
    public void ItTellsHowFarItIsAndStopsWhenAsked()
    {
        WriteShard("model-1.safetensors", name => !IsLayerOne(name));
        WriteShard("model-2.safetensors", IsLayerOne);
        var told = new List<double>();
        MergedFolder.Write(_model.Path, _adapter, _target.Path, new Told<double>(told.Add));
        Assert.That(told, Is.Ordered.Ascending.And.All.InRange(0.0, 1.0));
        Assert.That(told[^1], Is.EqualTo(1));

        using var second = new TemporaryFolder();
        using var cancelled = new CancellationTokenSource();
        // Within the second shard, of which nothing may be seen then.
        long Length(Func<string, bool> isCounted) => Directory.GetFiles(_model.Path).Where(file => isCounted(Path.GetFileName(file))).Sum(file => new FileInfo(file).Length);
        long all = Length(_ => true), before = Length(file => string.CompareOrdinal(file, "model-2.safetensors") < 0);
        var stop = new Told<double>(share =>
        {
            if (share * all > before) cancelled.Cancel();
        });
        Assert.That(() => MergedFolder.Write(_model.Path, _adapter, second.Path, stop, cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Directory.GetFiles(second.Path).Select(Path.GetFileName), Has.Member("model-1.safetensors").And.None.Contains("model-2"));
    }

    [Test]
    public void AModelThatTheAdapterDoesNotFitIsRefusedBeforeAnythingIsWritten()
    {
        WriteShard("model.safetensors", name => !IsLayerOne(name));
        Assert.That(() => MergedFolder.Write(_model.Path, _adapter, _target.Path), Throws.TypeOf<InvalidDataException>().With.Message.Contains("layers.1.self_attn.q_proj"));
        WriteShard("model.safetensors", _ => true);
        Assert.That(() => MergedFolder.Write(_model.Path, _adapter, _model.Path), Throws.ArgumentException);
        using LoraAdapter wider = Adapters.Random(Tiny.Model.Shape with { IntermediateSize = 100 }, 4);
        Assert.That(() => MergedFolder.Write(_model.Path, wider, _target.Path), Throws.TypeOf<InvalidDataException>().With.Message.Contains("the adapter is for [64, 100]"));
        WriteShard("twice.safetensors", IsLayerOne);
        Assert.That(() => MergedFolder.Write(_model.Path, _adapter, _target.Path), Throws.TypeOf<InvalidDataException>().With.Message.Contains("the same tensor"));
        Assert.That(Directory.GetFiles(_target.Path), Is.Empty);
    }
}
