using System.Text.Json;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>The tiny SAM 2 with random weights, and what transformers computed with it (References/sam2.*).</summary>
internal sealed class Sam2Reference : IDisposable
{
    public const string Weights = "sam2.weights.safetensors", FacebookWeights = "sam2.facebook.pt";

    private readonly SafetensorsFolder _data = SafetensorsFolder.Open(Reference.PathOf("sam2.data.safetensors"));

    public static Sam2Shape Shape { get; } = ReadShape();

    public Tensor this[string name] => _data.Read(name, null, CPU);

    public static JsonElement Json
    {
        get
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(Reference.PathOf("sam2.json")));
            return json.RootElement.Clone();
        }
    }

    /// <summary>A folder as Hugging Face lays it out.</summary>
    public static void WriteFolder(string path)
    {
        File.WriteAllText(Path.Combine(path, "config.json"), Json.GetProperty("config").GetRawText());
        File.Copy(Reference.PathOf(Weights), Path.Combine(path, "model.safetensors"));
    }

    public static Sam2Weights ReadWeights(string file = Weights, ScalarType encoderType = ScalarType.Float32)
    {
        ITensorSource source = file == Weights ? SafetensorsFolder.Open(Reference.PathOf(file)) : new TorchCheckpoint(Reference.PathOf(file));
        using (source as IDisposable)
            return Sam2Weights.Read(source, Shape, encoderType, CPU);
    }

    public static Sam2Segmenter Segmenter(Sam2SegmenterOptions? options = null) =>
        new(Shape, ReadWeights(Weights, options?.EncoderType ?? ScalarType.Float32), CPU, options ?? new());

    /// <summary>Shapes are equal, and values within a share of the largest.</summary>
    public static void AssertClose(Tensor found, Tensor expected, double tolerance = 1e-4, string name = "")
    {
        Assert.That(found.shape, Is.EqualTo(expected.shape), name);
        float[] a = Values(found), b = Values(expected);
        double largest = b.Max(Math.Abs), difference = a.Zip(b).Max(pair => double.IsNaN(pair.First) ? double.PositiveInfinity : Math.Abs(pair.First - pair.Second));
        Assert.That(difference, Is.LessThanOrEqualTo(tolerance * largest), $"{name}: largest value {largest}");
    }

    public static float[] Values(Tensor tensor) => tensor.to(ScalarType.Float32).contiguous().data<float>().ToArray();

    public void Dispose() => _data.Dispose();

    private static Sam2Shape ReadShape()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("config.json"), Json.GetProperty("config").GetRawText());
        return Sam2Config.Read(folder.File("config.json"));
    }
}
