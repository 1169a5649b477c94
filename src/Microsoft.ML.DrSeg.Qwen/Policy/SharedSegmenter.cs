using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>A SAM 2 that all models of the same checkpoint use together: frozen, and large.</summary>
internal sealed class SharedSegmenter : IPromptableSegmenter
{
    private static readonly SharedPool<BaseKey, Sam2Segmenter> Loaded = new();

    private readonly IDisposable _owned;

    private SharedSegmenter(string path, string identity, Sam2Segmenter segmenter, IDisposable owned) =>
        (Path, Identity, Segmenter, _owned) = (path, identity, segmenter, owned);

    /// <summary>The checkpoint.</summary>
    public string Path { get; }

    /// <summary>Tells it from others: <see cref="BaseIdentity"/>.</summary>
    public string Identity { get; }

    /// <summary>The segmenter itself.</summary>
    public Sam2Segmenter Segmenter { get; }

    /// <summary>Takes the segmenter of a checkpoint, which is loaded where nobody has it.</summary>
    /// <param name="location">The checkpoint.</param>
    /// <param name="type">What to encode images in.</param>
    /// <param name="device">Where it computes; META for sizes alone.</param>
    /// <param name="progress">Told the share of tensors that are read, 0 to 1.</param>
    /// <param name="cancellation">Stops between two tensors.</param>
    /// <exception cref="FileNotFoundException">There is no such checkpoint.</exception>
    /// <exception cref="InvalidDataException">It is damaged or no SAM 2.</exception>
    public static SharedSegmenter Take(BaseLocation location, ScalarType type, Device device, IProgress<double>? progress, CancellationToken cancellation)
    {
        string path = location.Path;
        if (!File.Exists(path) && !Directory.Exists(path))
            throw new FileNotFoundException($"There is neither a file nor a folder '{path}'. Give SAM 2's folder in Hugging Face's layout, or a checkpoint of facebook such as sam2.1_hiera_large.pt.", path);
        string full = System.IO.Path.GetFullPath(path), identity = location.Identity();
        if (device.type == DeviceType.META)
        {
            Sam2Segmenter outline = Outline(full);
            return new SharedSegmenter(full, identity, outline, outline);
        }
        var lease = Loaded.Take(
            new BaseKey(identity, type, device.ToString()),
            () => Sam2Segmenter.Load(full, device, new Sam2SegmenterOptions { EncoderType = type }, progress, cancellation));
        return new SharedSegmenter(full, identity, lease.Part, lease);
    }

    /// <inheritdoc/>
    public SegmentationMask[] Segment(IReadOnlyList<SegmenterPrompt> prompts) => Segmenter.Segment(prompts);

    /// <inheritdoc/>
    public void Dispose() => _owned.Dispose();

    private static Sam2Segmenter Outline(string path)
    {
        (ITensorSource source, Sam2Shape shape) = Sam2Files.Open(path);
        (source as IDisposable)?.Dispose();
        IReadOnlyDictionary<string, long[]> shapes = Sam2TensorShapes.Of(shape);
        return new Sam2Segmenter(shape, Sam2Weights.Make(shapes, ScalarType.Float32, (name, type) => empty(shapes[name], dtype: type, device: META)), META, new());
    }
}
