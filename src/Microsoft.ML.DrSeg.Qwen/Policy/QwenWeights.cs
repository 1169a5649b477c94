using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>The frozen weights of a model, which all policies of the same folder share.</summary>
internal sealed class QwenWeights : IDisposable
{
    private readonly QwenVisionTower _vision;

    private QwenWeights(QwenFolder folder, QwenVisionTower vision, TextModel text)
    {
        (_vision, Text) = (vision, text);
        Distribution = new TokenDistribution(text, folder.Excluded);
    }

    /// <summary>The text model.</summary>
    public TextModel Text { get; }

    /// <summary>Its distribution of tokens.</summary>
    public TokenDistribution Distribution { get; }

    /// <summary>All weights by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _vision.Weights.Concat(Text.Weights).ToDictionary();

    /// <summary>Reads the weights, tensor by tensor.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="type">What to hold them as and to compute in.</param>
    /// <param name="device">Where they are wanted.</param>
    /// <param name="progress">Told the share of tensors that are read, 0 to 1.</param>
    /// <param name="cancellation">Stops between two tensors.</param>
    /// <exception cref="InvalidDataException">Weights are missing, unknown, of another shape or not finite.</exception>
    public static QwenWeights Read(QwenFolder folder, ScalarType type, Device device, IProgress<double>? progress, CancellationToken cancellation)
    {
        using var files = SafetensorsFolder.Open(folder.Path);
        var source = new WatchedTensors(files, progress, cancellation);
        QwenVisionTower? vision = null;
        try
        {
            vision = QwenVisionTower.Read(folder.Shape, source, type, device);
            return new QwenWeights(folder, vision, TextModel.Read(folder.Shape.Text, source, type, device));
        }
        catch
        {
            vision?.Dispose();
            throw;
        }
    }

    /// <summary>What the vision tower makes of an image; the caller disposes it.</summary>
    public VisionFeatures Encode(ImagePatches patches)
    {
        using var scope = NewDisposeScope();
        using IDisposable withoutGradient = no_grad();
        Tensor values = tensor(patches.Values, [patches.Grid.Patches, patches.Values.Length / patches.Grid.Patches]);
        VisionFeatures made = _vision.Encode(values, [patches.Grid]);
        return new VisionFeatures(made.Tokens.DetachFromDisposeScope(), [.. made.Deepstack.Select(map => map.DetachFromDisposeScope())]);
    }

    public void Dispose()
    {
        Distribution.Dispose();
        Text.Dispose();
        _vision.Dispose();
    }
}
