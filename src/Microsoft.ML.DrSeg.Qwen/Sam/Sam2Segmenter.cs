using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// SAM 2 and 2.1 (arXiv 2408.00714) for single images, in the sizes tiny, small, base+ and large. An image is encoded when it is
/// first asked for and kept for a while, so that more boxes and points of the same <see cref="RgbImage"/> cost little; its pixels
/// must not change meanwhile. May be used by several threads, which wait for each other.
/// </summary>
public sealed class Sam2Segmenter : IPromptableSegmenter
{
    private readonly Sam2Shape _shape;
    private readonly Sam2Weights _weights;
    private readonly Sam2SegmenterOptions _options;
    private readonly Device _device;
    private readonly ImageEncoder _encoder;
    private readonly PromptEncoder _prompts;
    private readonly MaskDecoder _decoder;
    private readonly EncodeOnceSegmentation<ImageEmbedding> _segmentation;

    internal Sam2Segmenter(Sam2Shape shape, Sam2Weights weights, Device device, Sam2SegmenterOptions options)
    {
        (_shape, _weights, _device, _options) = (shape, weights, device, options);
        _encoder = new ImageEncoder(shape, weights);
        _prompts = new PromptEncoder(shape, weights);
        _decoder = new MaskDecoder(shape, weights);
        _segmentation = new(options.CacheBytes, Encode, Decode);
    }

    internal Sam2Shape Shape => _shape;

    /// <summary>Where it computes.</summary>
    internal Device Device => _device;

    /// <summary>What embeds prompts; it goes with the segmenter.</summary>
    internal PromptEncoder Prompts => _prompts;

    /// <summary>Images whose encoding is kept.</summary>
    internal ImageCache<ImageEmbedding> Cache => _segmentation.Cache;

    /// <summary>Loads a model; large takes 0.9 GB and some seconds.</summary>
    /// <param name="path">
    /// A folder of Hugging Face with config.json and model.safetensors, such as that of facebook/sam2.1-hiera-large; or a checkpoint
    /// of facebook, such as sam2.1_hiera_large.pt, or its folder. A checkpoint is read as tensors alone: no code in it is run.
    /// </param>
    /// <param name="device">Where it computes; null for the processor.</param>
    /// <param name="options">How it computes; null for the defaults.</param>
    /// <param name="progress">Told the share of tensors that are read, 0 to 1.</param>
    /// <param name="cancellationToken">Stops between two tensors.</param>
    /// <exception cref="FileNotFoundException">There is no such file or folder.</exception>
    /// <exception cref="InvalidDataException">It is damaged, no SAM 2, or of an unknown size; the message names the tensors that are missing or unknown.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Sam2Segmenter Load(
        string path, Device? device = null, Sam2SegmenterOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new();
        options.Validate();
        Device place = TorchDevice.OrProcessor(device);
        (ITensorSource source, Sam2Shape shape) = Sam2Files.Open(path);
        using (source as IDisposable)
            return new Sam2Segmenter(shape, Sam2Weights.Read(source, shape, options.EncoderType, place, progress, cancellationToken), place, options);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// A prompt has neither: a box that holds nothing and a point that is no number are left out, one of them may be.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The segmenter has been disposed.</exception>
    public SegmentationMask[] Segment(IReadOnlyList<SegmenterPrompt> prompts) => _segmentation.Segment(prompts);

    /// <summary>Segments by any boxes and points.</summary>
    internal SegmentationMask[] SegmentObjects(IReadOnlyList<(RgbImage Image, ObjectPrompt Prompt)> prompts) => _segmentation.SegmentObjects(prompts);

    /// <summary>What a function makes of an image's encoding, which is valid for that long and shared with the segmenter's own work.</summary>
    internal T See<T>(RgbImage image, Func<ImageEmbedding, T> see) => _segmentation.See(image, see);

    /// <inheritdoc/>
    public void Dispose()
    {
        _segmentation.Dispose();
        _encoder.Dispose();
        _prompts.Dispose();
        _weights.Dispose();
    }

    private (ImageEmbedding, long) Encode(RgbImage image)
    {
        using var scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        int side = _shape.ImageSide;
        Tensor pixels = tensor(SquareInput.Of(image, side), [1, 3, side, side]).to(_weights.EncoderType, _device);
        ImageEmbedding embedding = _encoder.Encode(pixels).Keep();
        return (embedding, embedding.Bytes);
    }

    private ObjectLogits Decode(ImageEmbedding image, ObjectBatch batch)
    {
        using var scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        int[] labels = batch.Labels();
        long n = batch.Objects.Length, points = labels.Length / n;
        Tensor sparse = _prompts.Points(
            tensor(batch.Coordinates(_shape.ImageSide), [n, points, 2]).to(_device),
            tensor(Array.ConvertAll(labels, label => (long)label), [n, points]).to(_device));
        var known = new ImageEmbedding(image.Fine.to(ScalarType.Float32), image.Middle.to(ScalarType.Float32), image.Coarse.to(ScalarType.Float32));
        MaskPredictions predictions = _decoder.Decode(known, sparse, _prompts.NoMask, _prompts.Grid);
        return Choose(predictions.Logits.Floats(), predictions.Quality.Floats(), (int)predictions.Logits.shape[3]);
    }

    private ObjectLogits Choose(float[] logits, float[] quality, int side)
    {
        int area = side * side, objects = quality.Length / Sam2Shape.Masks;
        var chosen = new float[objects * area];
        for (int i = 0; i < objects; i++)
        {
            Span<float> masks = logits.AsSpan(i * Sam2Shape.Masks * area, Sam2Shape.Masks * area), expected = quality.AsSpan(i * Sam2Shape.Masks, Sam2Shape.Masks);
            int mask = _options.SingleMask ? MaskChoice.Single(masks[..area], expected, _shape.Stability) : 1 + MaskChoice.Best(expected[1..]);
            masks.Slice(mask * area, area).CopyTo(chosen.AsSpan(i * area));
        }
        return new ObjectLogits(chosen, side);
    }
}
