using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>A SAM 2 that all models of the same checkpoint use together: frozen, and large.</summary>
/// <param name="path">The checkpoint.</param>
/// <param name="identity">Tells it from others.</param>
/// <param name="lease">The segmenter, which is given back; null for an outline on META.</param>
internal sealed class SharedSegmenter(string path, string identity, SharedPool<QwenKey, Sam2Segmenter>.Lease? lease) : IPromptableSegmenter
{
    private static readonly SharedPool<QwenKey, Sam2Segmenter> Loaded = new();

    /// <summary>The checkpoint.</summary>
    public string Path => path;

    /// <summary>Tells it from others: <see cref="BaseIdentity"/>.</summary>
    public string Identity => identity;

    /// <summary>The segmenter itself.</summary>
    public Sam2Segmenter Segmenter => lease?.Part ?? throw new InvalidOperationException("This is an outline of a segmenter, without weights.");

    /// <summary>Takes the segmenter of a checkpoint, and loads it where nobody has.</summary>
    /// <exception cref="FileNotFoundException">There is no such checkpoint.</exception>
    /// <exception cref="InvalidDataException">It is damaged or no SAM 2.</exception>
    public static SharedSegmenter Take(string path, ScalarType type, Device device, IProgress<double>? progress, CancellationToken cancellation)
    {
        if (!File.Exists(path) && !Directory.Exists(path))
            throw new FileNotFoundException($"There is neither a file nor a folder '{path}'. Give SAM 2's folder in Hugging Face's layout, or a checkpoint of facebook such as sam2.1_hiera_large.pt.", path);
        string full = System.IO.Path.GetFullPath(path), identity = BaseIdentity.Of(full);
        return new SharedSegmenter(full, identity, device.type == TorchSharp.DeviceType.META ? null : Loaded.Take(
            new QwenKey(identity, type, device.ToString()),
            () => Sam2Segmenter.Load(full, device, new Sam2SegmenterOptions { EncoderType = type }, progress, cancellation)));
    }

    /// <inheritdoc/>
    public SegmentationMask[] Segment(IReadOnlyList<SegmenterPrompt> prompts) => Segmenter.Segment(prompts);

    /// <inheritdoc/>
    public void Dispose() => lease?.Dispose();
}
