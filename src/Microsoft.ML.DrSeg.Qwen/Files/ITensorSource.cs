using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>Tensors of a checkpoint by name, read one by one when asked for: no more than one is in memory twice.</summary>
internal interface ITensorSource
{
    /// <summary>What to call it in messages: a file or a folder.</summary>
    string Source { get; }

    /// <summary>Shapes by name.</summary>
    IReadOnlyDictionary<string, long[]> Shapes { get; }

    /// <summary>Reads one tensor.</summary>
    /// <param name="name">One of <see cref="Shapes"/>.</param>
    /// <param name="type">What it is wanted as; null for as it is stored.</param>
    /// <param name="device">Where it is wanted.</param>
    /// <returns>A tensor that the caller disposes.</returns>
    /// <exception cref="InvalidDataException">It is missing, cut short or of a type that cannot be read.</exception>
    Tensor Read(string name, ScalarType? type, Device device);
}
