using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>A checkpoint whose reading is told of and can be stopped.</summary>
/// <param name="source">The checkpoint.</param>
/// <param name="progress">Told the share of tensors that are read, 0 to 1.</param>
/// <param name="cancellation">Stops between two tensors.</param>
internal sealed class WatchedTensors(ITensorSource source, IProgress<double>? progress, CancellationToken cancellation) : ITensorSource
{
    private int _read;

    public string Source => source.Source;

    public IReadOnlyDictionary<string, long[]> Shapes => source.Shapes;

    public Tensor Read(string name, ScalarType? type, Device device)
    {
        cancellation.ThrowIfCancellationRequested();
        Tensor read = source.Read(name, type, device);
        progress?.Report((double)++_read / Shapes.Count);
        return read;
    }
}
