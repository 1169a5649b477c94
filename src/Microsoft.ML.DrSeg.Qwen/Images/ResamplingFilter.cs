namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>How an image is resampled: both average over more pixels where they shrink it, as Pillow does.</summary>
public enum ResamplingFilter
{
    /// <summary>Straight lines between pixels.</summary>
    Bilinear,

    /// <summary>Cubic curves (a = -0.5), sharper.</summary>
    Bicubic,
}
