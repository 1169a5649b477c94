using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class QwenTensorsTests
{
    [TestCase("visual.blocks.0.norm1.weight", "model.visual.blocks.0.norm1.weight")]
    [TestCase("model.layers.0.mlp.up_proj.weight", "model.language_model.layers.0.mlp.up_proj.weight")]
    [TestCase("model.embed_tokens.weight", "model.language_model.embed_tokens.weight")]
    [TestCase("model.norm.weight", "model.language_model.norm.weight")]
    [TestCase("lm_head.weight", "lm_head.weight")]
    public void BothLayoutsAreOne(string old, string today)
    {
        Assert.That(QwenTensors.NewName(old), Is.EqualTo(today));
        Assert.That(QwenTensors.NewName(today), Is.EqualTo(today));
    }

    [Test]
    public void ATensorIsReadUnderItsNewName()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("model.safetensors"), HandMadeFile.Safetensors(
            """{"model.norm.weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"visual.rotary_pos_emb.inv_freq":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""",
            0, 0, 0xC0, 0x3F, 0, 0, 0, 0));
        using var files = SafetensorsFolder.Open(folder.Path);
        var tensors = new QwenTensors(files);
        Assert.That(tensors.Shapes.Keys, Is.EqualTo(new[] { "model.language_model.norm.weight" }));
        using Tensor read = tensors.Read("model.language_model.norm.weight", null, CPU);
        Assert.That(read.item<float>(), Is.EqualTo(1.5f));
        Assert.That(() => tensors.Read("model.language_model.other", null, CPU), Throws.TypeOf<InvalidDataException>().With.Message.Contains("'model.language_model.other'"));
    }

    [Test]
    public void OneTensorInBothLayoutsIsRefused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("model.safetensors"), HandMadeFile.Safetensors(
            """{"visual.a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"model.visual.a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 1, 2));
        using var files = SafetensorsFolder.Open(folder.Path);
        Assert.That(() => new QwenTensors(files), Throws.TypeOf<InvalidDataException>().With.Message.Contains("the same tensor"));
    }

    [Test]
    public void TensorsThatAreMissingUnknownOrOfAnotherShapeAreNamed()
    {
        using var files = SafetensorsFolder.Open(Reference.PathOf("processors.data.safetensors"));
        var expected = files.Shapes.Where(tensor => tensor.Key.StartsWith("picture", StringComparison.Ordinal)).ToDictionary();
        Assert.That(() => files.RequireShapes(expected, "picture"), Throws.Nothing);
        expected.Remove("picture0");
        expected["picture1"] = [120, 90, 4];
        for (int i = 0; i < 7; i++)
            expected[$"other{i}"] = [1];
        Assert.That(() => files.RequireShapes(expected, "picture"), Throws.TypeOf<InvalidDataException>()
            .With.Message.Contains("lacks other0, other1, other2, other3, other4 and 2 more;").And.Message.Contains("unknown name, picture0;")
            .And.Message.Contains("picture1 [120, 90, 3] instead of [120, 90, 4]").And.Message.Contains("processors.data.safetensors"));
    }
}
