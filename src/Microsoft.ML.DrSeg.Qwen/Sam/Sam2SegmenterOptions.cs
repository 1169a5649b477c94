using Microsoft.ML.DrSeg.Common;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>How a <see cref="Sam2Segmenter"/> computes.</summary>
public sealed record Sam2SegmenterOptions
{
    /// <summary>
    /// Type that images are encoded in: Float32, or BFloat16, which halves the memory of weights and of encoded images and moves
    /// few pixels along the borders of masks. Prompts and masks are computed in Float32.
    /// </summary>
    public ScalarType EncoderType { get; init; } = ScalarType.Float32;

    /// <summary>
    /// Bytes of encoded images to keep on the device, 0 or more; an image takes 17 MB in Float32. The latest is kept in any case.
    /// </summary>
    public long CacheBytes { get; init; } = 512L << 20;

    /// <summary>
    /// False: of three masks the one with the best expected overlap, as SAM 2's predictor is used with boxes and single points.
    /// True: the mask that the model makes without a choice, unless it is unstable.
    /// </summary>
    public bool SingleMask { get; init; }

    internal void Validate()
    {
        OptionChecks.Require(EncoderType is ScalarType.Float32 or ScalarType.BFloat16, nameof(EncoderType), EncoderType, "Float32 or BFloat16");
        OptionChecks.Require(CacheBytes >= 0, nameof(CacheBytes), CacheBytes, "0 or more");
    }
}
