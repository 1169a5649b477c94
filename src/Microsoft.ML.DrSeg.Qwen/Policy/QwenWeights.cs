using Microsoft.ML.DrSeg.Imaging;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>The frozen weights of a model, which all policies of the same folder share, and what they have made of the images seen last.</summary>
internal sealed class QwenWeights : IDisposable
{
    /// <summary>Kept of the images seen last: 3.7 MB one of 900 tokens of 2,048 in bfloat16, so some 70 of them.</summary>
    public const long CachedBytes = 256L << 20;

    private readonly QwenVisionTower _vision;
    private readonly ImageCache<VisionFeatures> _known = new(CachedBytes);

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
    /// <param name="image">The image.</param>
    /// <param name="patches">Its patches, made where they are needed.</param>
    /// <param name="keep">Whether the same image is likely to be asked for again.</param>
    public VisionFeatures Features(RgbImage image, Func<ImagePatches> patches, bool keep)
    {
        if (!keep) return Encode(patches());
        // The cache is for one thread, and its entries may leave it at the next call.
        lock (_known)
        {
            VisionFeatures known = _known.Get(image, _ =>
            {
                VisionFeatures made = Encode(patches());
                return (made, new[] { made.Tokens }.Concat(made.Deepstack).Sum(tensor => tensor.numel() * tensor.element_size()));
            });
            return new VisionFeatures(known.Tokens.alias().DetachFromDisposeScope(), [.. known.Deepstack.Select(map => map.alias().DetachFromDisposeScope())]);
        }
    }

    public void Dispose()
    {
        _known.Dispose();
        Distribution.Dispose();
        Text.Dispose();
        _vision.Dispose();
    }

    private VisionFeatures Encode(ImagePatches patches)
    {
        using var scope = NewDisposeScope();
        using IDisposable withoutGradient = no_grad();
        Tensor values = tensor(patches.Values, [patches.Grid.Patches, patches.Values.Length / patches.Grid.Patches]);
        VisionFeatures made = _vision.Encode(values, [patches.Grid]);
        return new VisionFeatures(made.Tokens.DetachFromDisposeScope(), [.. made.Deepstack.Select(map => map.DetachFromDisposeScope())]);
    }
}
