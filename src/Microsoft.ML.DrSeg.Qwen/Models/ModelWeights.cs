using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// The weights that the parts of a model ask for by name and shape while they are made, and their owner. Each part so names its
/// weights once: an outline on META gives names and shapes of all without memory for them, a file then the weights.
/// </summary>
internal sealed class ModelWeights : IDisposable
{
    private readonly Func<string, long[], Tensor> _read;
    private readonly Dictionary<string, Tensor> _tensors = [];

    private ModelWeights(Func<string, long[], Tensor> read) => _read = read;

    /// <summary>What was asked for.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _tensors;

    /// <summary>Makes a part of the weights of a file, whose names and shapes have been checked (<see cref="TensorChecks.RequireShapes"/>).</summary>
    /// <param name="source">Where they are read.</param>
    /// <param name="type">What they are wanted as.</param>
    /// <param name="device">Where they are wanted.</param>
    /// <param name="make">Makes the part, which owns the weights from then on.</param>
    public static T Read<T>(ITensorSource source, ScalarType type, Device device, Func<ModelWeights, T> make)
    {
        var weights = new ModelWeights((name, _) => source.ReadFinite(name, type, device));
        try
        {
            return make(weights);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>The shapes of all weights of what <paramref name="make"/> makes, by name.</summary>
    public static IReadOnlyDictionary<string, long[]> Outline(Action<ModelWeights> make)
    {
        using var outline = new ModelWeights((_, shape) => empty(shape, device: META));
        make(outline);
        return outline._tensors.ToDictionary(tensor => tensor.Key, tensor => tensor.Value.shape);
    }

    /// <summary>One weight, which stays this object's.</summary>
    /// <exception cref="InvalidDataException">It cannot be read, or holds a value that is not finite.</exception>
    public Tensor Take(string name, params long[] shape)
    {
        Tensor tensor = _read(name, shape).DetachFromDisposeScope();
        _tensors.Add(name, tensor);
        return tensor;
    }

    public void Dispose()
    {
        foreach (Tensor tensor in _tensors.Values)
            tensor.Dispose();
    }
}
