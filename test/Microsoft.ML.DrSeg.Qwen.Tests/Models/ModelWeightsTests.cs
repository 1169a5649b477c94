using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class ModelWeightsTests
{
    [TestCase(float.NaN, ScalarType.BFloat16, "not finite.")]
    [TestCase(float.PositiveInfinity, ScalarType.Float32, "not finite.")]
    [TestCase(1e6f, ScalarType.Float16, "not finite in float16; use bfloat16 or float32.")]
    [TestCase(1e6f, ScalarType.BFloat16, null)]
    public void WeightsThatAreNotFiniteAreRefused(float value, ScalarType type, string? said)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("model.safetensors"), HandMadeFile.OneFloat("a", value));
        using var files = SafetensorsFolder.Open(folder.Path);
        using var weights = ModelWeights.Read(files, type, CPU, made => made);
        Assert.That(() => weights.Take("a", 1), said is null ? Throws.Nothing : Throws.TypeOf<InvalidDataException>().With.Message.EndsWith(said).And.Message.Contains("'a'"));
    }

    [Test]
    public void AnOutlineTakesNoMemory()
    {
        IReadOnlyDictionary<string, long[]> outline = ModelWeights.Outline(weights => weights.Take("huge", 1L << 40, 3));
        Assert.That(outline["huge"], Is.EqualTo(new[] { 1L << 40, 3 }));
    }
}
