using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// SAM 2 or 2.1 computed by ONNX Runtime, from the two files of one of its common exports: those of samexporter, and those of
/// transformers (onnx-community/sam2.1-hiera-*-ONNX), told apart by the names of their inputs. Needs no libtorch. An image is
/// encoded when it is first asked for and kept for a while; its pixels must not change meanwhile. May be used by several threads,
/// which wait for each other.
/// </summary>
public sealed class OnnxSegmenter : IPromptableSegmenter
{
    private const int UsualSide = 1024;
    private static readonly string[] EncoderInputs = ["image", "pixel_values"];

    private readonly InferenceSession _encoder, _decoder;
    private readonly OnnxDecoderInputs _inputs;
    private readonly string _imageInput;
    private readonly string[] _embeddings;
    private readonly int _side;
    private readonly EncodeOnceSegmentation<Encoded> _segmentation;

    private OnnxSegmenter(InferenceSession encoder, InferenceSession decoder, string encoderPath, string decoderPath, long cacheBytes)
    {
        (_encoder, _decoder) = (encoder, decoder);
        _imageInput = Array.Find(EncoderInputs, encoder.InputMetadata.ContainsKey) ?? throw new InvalidDataException(
            $"'{encoderPath}' is no image encoder that is known: it takes {OnnxDecoderInputs.Quoted(encoder.InputMetadata.Keys)}; expected 'image' or 'pixel_values'.");
        _inputs = OnnxDecoderInputs.For(decoder, decoderPath);
        _embeddings = [.. decoder.InputMetadata.Keys.Except(_inputs.Names)];
        if (_embeddings.FirstOrDefault(name => !encoder.OutputMetadata.ContainsKey(name)) is { } lacking)
            throw new InvalidDataException($"'{decoderPath}' takes '{lacking}', which '{encoderPath}' does not give: it gives {OnnxDecoderInputs.Quoted(encoder.OutputMetadata.Keys)}. Take both files from one export.");
        RequireFloats(encoder.InputMetadata, [_imageInput], encoderPath);
        RequireFloats(encoder.OutputMetadata, _embeddings, encoderPath);
        RequireFloats(decoder.OutputMetadata, [_inputs.Masks, _inputs.Quality], decoderPath);
        _side = encoder.InputMetadata[_imageInput].Dimensions is [_, _, > 0 and var rows, _] ? rows : UsualSide;
        _segmentation = new(cacheBytes, Encode, Decode);
    }

    /// <summary>Opens an export.</summary>
    /// <param name="encoderPath">The image encoder, such as sam2_hiera_tiny.encoder.onnx or vision_encoder.onnx.</param>
    /// <param name="decoderPath">The mask decoder of the same export, such as sam2_hiera_tiny.decoder.onnx or prompt_encoder_mask_decoder.onnx.</param>
    /// <param name="sessionOptions">Where ONNX Runtime computes, and with how many threads; null for the processor. Stays the caller's.</param>
    /// <param name="cacheBytes">Bytes of encoded images to keep, 0 or more; an image takes 17 MB. The latest is kept in any case.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is no ONNX model, or of another export than the two; the message says what it takes and gives.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="cacheBytes"/> is negative.</exception>
    public static OnnxSegmenter Load(string encoderPath, string decoderPath, SessionOptions? sessionOptions = null, long cacheBytes = 512L << 20)
    {
        OptionChecks.Require(cacheBytes >= 0, nameof(cacheBytes), cacheBytes, "0 or more");
        InferenceSession? encoder = null, decoder = null;
        try
        {
            (encoder, decoder) = (Open(encoderPath, sessionOptions), Open(decoderPath, sessionOptions));
            return new OnnxSegmenter(encoder, decoder, encoderPath, decoderPath, cacheBytes);
        }
        catch
        {
            encoder?.Dispose();
            decoder?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A prompt has neither a box that holds something nor a point that is one.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter has been disposed.</exception>
    public SegmentationMask[] Segment(IReadOnlyList<SegmenterPrompt> prompts) => _segmentation.Segment(prompts);

    /// <inheritdoc/>
    public void Dispose()
    {
        _segmentation.Dispose();
        _encoder.Dispose();
        _decoder.Dispose();
    }

    private static InferenceSession Open(string path, SessionOptions? options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"The ONNX model '{path}' is missing.", path);
        try
        {
            return options is null ? new InferenceSession(path) : new InferenceSession(path, options);
        }
        catch (OnnxRuntimeException error)
        {
            throw new InvalidDataException($"'{path}' cannot be opened as an ONNX model: {error.Message}", error);
        }
    }

    private static void RequireFloats(IReadOnlyDictionary<string, NodeMetadata> all, string[] names, string path)
    {
        if (Array.Find(names, name => all[name].ElementType != typeof(float)) is { } other)
            throw new InvalidDataException($"'{path}' has '{other}' as {all[other].ElementType?.Name ?? "no tensor"}; expected Single. Take the export's variant whose inputs and outputs are 32-bit.");
    }

    private (Encoded, long) Encode(RgbImage image)
    {
        using var pixels = OrtValue.CreateTensorValueFromMemory(SquareInput.Of(image, _side), [1, 3, _side, _side]);
        using var options = new RunOptions();
        var encoded = new Encoded(_encoder.Run(options, new Dictionary<string, OrtValue> { [_imageInput] = pixels }, _embeddings));
        return (encoded, encoded.Maps.Sum(map => map.GetTensorTypeAndShape().ElementCount * sizeof(float)));
    }

    private ObjectLogits Decode(Encoded image, ObjectBatch batch)
    {
        Dictionary<string, OrtValue> prompts = _inputs.Make(batch, _side);
        try
        {
            var all = new Dictionary<string, OrtValue>(prompts);
            for (int i = 0; i < _embeddings.Length; i++)
                all.Add(_embeddings[i], image.Maps[i]);
            using var options = new RunOptions();
            using IDisposableReadOnlyCollection<OrtValue> found = _decoder.Run(options, all, [_inputs.Masks, _inputs.Quality]);
            return Choose(found[0], found[1].GetTensorDataAsSpan<float>(), batch.Objects.Length);
        }
        finally
        {
            foreach (OrtValue prompt in prompts.Values)
                prompt.Dispose();
        }
    }

    // An export with one mask has chosen it already.
    private static ObjectLogits Choose(OrtValue masks, ReadOnlySpan<float> quality, int objects)
    {
        long[] shape = masks.GetTensorTypeAndShape().Shape;
        ReadOnlySpan<float> logits = masks.GetTensorDataAsSpan<float>();
        if (shape is not [.., var count, var side, var width] || side != width || objects * count * side * side != logits.Length || (count > 1 && quality.Length != objects * count))
            throw new InvalidDataException($"The decoder gave masks [{string.Join(", ", shape)}] with {quality.Length} qualities for {objects} objects; expected square masks, and one quality each.");
        int area = (int)(side * side), each = (int)count;
        var chosen = new float[objects * area];
        for (int i = 0; i < objects; i++)
        {
            int mask = each == 1 ? 0 : MaskChoice.Best(quality.Slice(i * each, each));
            logits.Slice((i * each + mask) * area, area).CopyTo(chosen.AsSpan(i * area));
        }
        return new ObjectLogits(chosen, (int)side);
    }

    // What the encoder gave of an image, in the order of the decoder's inputs.
    private sealed record Encoded(IDisposableReadOnlyCollection<OrtValue> Maps) : IDisposable
    {
        public void Dispose() => Maps.Dispose();
    }
}
