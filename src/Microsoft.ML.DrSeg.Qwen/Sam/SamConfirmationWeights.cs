using Microsoft.ML.DrSeg.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>Names and shapes of all that a <see cref="SamConfirmationNetwork"/> learns, and where it begins.</summary>
internal static class SamConfirmationWeights
{
    private const int InnerFactor = 2;

    /// <summary>Shapes by name, the same for every number of places and cells.</summary>
    public static IReadOnlyDictionary<string, long[]> Shapes(SamConfirmationShape shape)
    {
        var shapes = new Dictionary<string, long[]>();
        int width = shape.Width;
        foreach (string seen in new[] { "image", "mask", "position" })
            Linear(seen, shape.FeatureWidth, width);
        Linear("query", shape.QueryWidth, width);
        Linear("modulation", width, 2 * width);
        shapes.Add("judge", [width]);
        Norm("image_norm");
        for (int i = 0; i < shape.Layers; i++)
        {
            foreach (string attention in new[] { $"layers.{i}.image_attn", $"layers.{i}.self_attn" })
            {
                Norm($"{attention}.layer_norm");
                Linear($"{attention}.q_proj", width, width);
                // A bias would add the same to a query's scores for all keys, which softmax does not see.
                shapes.Add($"{attention}.k_proj.weight", [width, width]);
                Linear($"{attention}.v_proj", width, width);
                Linear($"{attention}.o_proj", width, width);
            }
            Norm($"layers.{i}.mlp.layer_norm");
            Linear($"layers.{i}.mlp.proj_in", width, InnerFactor * width);
            Linear($"layers.{i}.mlp.proj_out", InnerFactor * width, width);
        }
        Norm("final_norm");
        Linear("confidence_head", width, 1);
        Linear("map_head", width, 1);
        return shapes;

        void Linear(string name, int from, int to)
        {
            shapes.Add($"{name}.weight", [to, from]);
            shapes.Add($"{name}.bias", [to]);
        }

        void Norm(string name)
        {
            shapes.Add($"{name}.weight", [width]);
            shapes.Add($"{name}.bias", [width]);
        }
    }

    /// <summary>Parameters that nothing has trained, the caller's to dispose; a seed gives the same ones on every device.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="seed">Fixes them.</param>
    /// <param name="device">Where they live; META for names and shapes alone.</param>
    public static IReadOnlyDictionary<string, Tensor> Fresh(SamConfirmationShape shape, ulong seed, Device device)
    {
        using var generator = new Generator(seed);
        var parameters = new Dictionary<string, Tensor>();
        foreach ((string name, long[] sides) in Shapes(shape))
        {
            using var scope = NewDisposeScope();
            var parameter = new Parameter(device.type == TorchSharp.DeviceType.META ? empty(sides, device: device) : Drawn(name, sides, generator).to(device));
            parameter.DetachFromDisposeScope();
            parameters.Add(name, parameter);
        }
        return parameters;
    }

    private static Tensor Drawn(string name, long[] sides, Generator generator)
    {
        if (name.EndsWith(".bias", StringComparison.Ordinal)) return zeros(sides);
        if (name.EndsWith("norm.weight", StringComparison.Ordinal)) return ones(sides);
        // What goes through a layer keeps its size.
        return randn(sides, generator: generator).Times(1 / Math.Sqrt(sides[^1]));
    }
}
