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

    /// <summary>Weights of a file.</summary>
    /// <param name="source">Where they are read.</param>
    /// <param name="type">What they are wanted as; null for as they are stored.</param>
    /// <param name="device">Where they are wanted.</param>
    public static ModelWeights Of(ITensorSource source, ScalarType? type, Device device) => new((name, shape) =>
        !source.Shapes.TryGetValue(name, out long[]? found) ? throw new InvalidDataException($"'{source.Source}' lacks the tensor '{name}', [{string.Join(", ", shape)}].")
        : !found.SequenceEqual(shape) ? throw new InvalidDataException($"'{source.Source}' holds the tensor '{name}' as [{string.Join(", ", found)}]; expected [{string.Join(", ", shape)}].")
        : source.Read(name, type, device));

    /// <summary>The shapes of all weights of what <paramref name="make"/> makes, by name.</summary>
    public static IReadOnlyDictionary<string, long[]> Outline(Action<ModelWeights> make)
    {
        using var outline = new ModelWeights((_, shape) => empty(shape, device: META));
        make(outline);
        return outline._tensors.ToDictionary(tensor => tensor.Key, tensor => tensor.Value.shape);
    }

    /// <summary>One weight, which stays this object's.</summary>
    /// <exception cref="InvalidDataException">There is none of this name, or it has another shape.</exception>
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
