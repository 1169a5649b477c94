using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// The tensors of a SAM 2 on one device, by their names in transformers. The image encoder, nearly all of the work, may be in
/// bfloat16; prompts and masks are computed in float32. None has a gradient.
/// </summary>
internal sealed class Sam2Weights : IDisposable
{
    private readonly Dictionary<string, Tensor> _tensors = [];

    private Sam2Weights(ScalarType encoderType) => EncoderType = encoderType;

    /// <summary>Type of the image encoder's tensors.</summary>
    public ScalarType EncoderType { get; }

    /// <summary>The tensors whose names begin with a part and a dot.</summary>
    public LayerWeights this[string part] => new(_tensors, $"{part}.");

    /// <summary>All tensors by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _tensors;

    /// <summary>Reads the tensors of a model, one after the other.</summary>
    /// <param name="source">Where from; tensors of either layout.</param>
    /// <param name="shape">The model's sizes.</param>
    /// <param name="encoderType">Type that the image encoder computes in.</param>
    /// <param name="device">Where they are to live.</param>
    /// <param name="progress">Told the share that is read, 0 to 1.</param>
    /// <param name="cancellationToken">Stops between two tensors.</param>
    /// <exception cref="InvalidDataException">Some are missing, unknown, of another shape or not finite; the message names them.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Sam2Weights Read(
        ITensorSource source, Sam2Shape shape, ScalarType encoderType, Device device, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        IReadOnlyDictionary<string, long[]> expected = Sam2TensorShapes.Of(shape);
        var tensors = new Sam2Tensors(source);
        tensors.RequireShapes(expected, part: "");
        return Make(expected, encoderType, (name, type) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            return tensors.ReadFinite(name, type, device);
        }, progress);
    }

    /// <summary>Tensors of given sizes and any origin.</summary>
    /// <param name="shapes">Their shapes by name.</param>
    /// <param name="encoderType">Type that the image encoder computes in.</param>
    /// <param name="make">Makes one of a name and a type.</param>
    /// <param name="progress">Told the share that is made, 0 to 1.</param>
    public static Sam2Weights Make(IReadOnlyDictionary<string, long[]> shapes, ScalarType encoderType, Func<string, ScalarType, Tensor> make, IProgress<double>? progress = null)
    {
        var weights = new Sam2Weights(encoderType);
        try
        {
            using IDisposable noGradient = no_grad();
            foreach (string name in shapes.Keys)
            {
                weights._tensors.Add(name, make(name, IsOfEncoder(name) ? encoderType : ScalarType.Float32).DetachFromDisposeScope());
                progress?.Report((double)weights._tensors.Count / shapes.Count);
            }
            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (Tensor tensor in _tensors.Values)
            tensor.Dispose();
    }

    // The two 1 x 1 convolutions that end the encoder stand among the decoder's tensors.
    private static bool IsOfEncoder(string name) =>
        name.StartsWith("vision_encoder.", StringComparison.Ordinal) || name.StartsWith("mask_decoder.conv_s", StringComparison.Ordinal) || name == "no_memory_embedding";
}
