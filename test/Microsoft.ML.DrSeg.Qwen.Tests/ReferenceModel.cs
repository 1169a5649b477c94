using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>A tiny random model with inputs and outputs of huggingface/transformers, and what compares with them.</summary>
internal sealed class ReferenceModel : IDisposable
{
    /// <summary>All of them.</summary>
    public static readonly string[] Names = ["qwen2_5_vl_tied", "qwen2_5_vl_untied", "qwen2_vl_tied", "qwen3_vl_tied"];

    private readonly SafetensorsFolder _weights, _data;

    /// <param name="name">The file's name before the first dot.</param>
    public ReferenceModel(string name)
    {
        _weights = SafetensorsFolder.Open(Reference.PathOf($"{name}.weights.safetensors"));
        _data = SafetensorsFolder.Open(Reference.PathOf($"{name}.data.safetensors"));
        Weights = new QwenTensors(_weights);
        JsonNode json = JsonNode.Parse(File.ReadAllText(Reference.PathOf($"{name}.json")))!;
        Shape = QwenConfig.Parse(Encoding.UTF8.GetBytes(json["config"]!.ToJsonString()), $"{name}.json", _weights.Shapes.ContainsKey("lm_head.weight"));
        Prompts = [.. json["prompts"]!.AsArray().Select(prompt => prompt!.AsArray().Select(token => token!.GetValue<int>()).ToArray())];
        long[] grid = Whole("image_grid_thw");
        Grids = [.. Enumerable.Range(0, grid.Length / 3).Select(image => new PatchGrid((int)grid[3 * image + 1], (int)grid[3 * image + 2]))];
    }

    public ITensorSource Weights { get; }

    public QwenShape Shape { get; }

    /// <summary>Tokens of the two prompts, each with one image.</summary>
    public int[][] Prompts { get; }

    /// <summary>The grids of the images, 12 by 6 and 8 by 10 patches.</summary>
    public PatchGrid[] Grids { get; }

    /// <summary>Names of the inputs and outputs.</summary>
    public IEnumerable<string> DataNames => _data.Shapes.Keys;

    /// <summary>An input or output, in the type in which it is stored.</summary>
    public Tensor Data(string name) => _data.Read(name, null, CPU);

    /// <summary>The whole numbers of an input or output.</summary>
    public long[] Whole(string name)
    {
        using Tensor data = Data(name);
        return data.data<long>().ToArray();
    }

    /// <summary>Checks that a result is what the reference has.</summary>
    /// <param name="found">The result.</param>
    /// <param name="name">Of the reference's tensor.</param>
    /// <param name="tolerance">The largest difference, relative to the largest value.</param>
    public void RequireNear(Tensor found, string name, double tolerance)
    {
        using var scope = NewDisposeScope();
        Tensor expected = Data(name);
        Assert.That(found.shape, Is.EqualTo(expected.shape), name);
        double largest = expected.abs().max().item<float>();
        Assert.That((found.to(float32) - expected).abs().max().item<float>() / largest, Is.LessThan(tolerance), name);
    }

    public void Dispose()
    {
        _weights.Dispose();
        _data.Dispose();
    }
}
