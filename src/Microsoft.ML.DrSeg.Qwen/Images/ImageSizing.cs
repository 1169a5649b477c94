using System.Text.Json.Serialization;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>What size images are shown at: <see cref="SmartSizing"/> or <see cref="FixedSizing"/>.</summary>
[JsonDerivedType(typeof(SmartSizing), "smart")]
[JsonDerivedType(typeof(FixedSizing), "fixed")]
public abstract record ImageSizing
{
    private protected ImageSizing()
    {
    }

    /// <summary>The size that an image is resized to.</summary>
    /// <param name="original">The image's own size.</param>
    /// <param name="model">What the model's folder says.</param>
    /// <exception cref="ArgumentException">Such an image, or such a size, does not suit the model.</exception>
    internal abstract ImageSize Of(ImageSize original, ImageProcessing model);

    /// <summary>How it is resampled.</summary>
    internal abstract ResamplingFilter Filter(ImageProcessing model);
}

/// <summary>
/// The model's own way: the image keeps its aspect but for rounding to whole tokens, and its area stays within limits
/// (huggingface/transformers, <c>image_processing_qwen2_vl.py</c>, <c>smart_resize</c>).
/// </summary>
/// <param name="MinPixels">Images of fewer pixels are enlarged; null for the limit of the model's folder.</param>
/// <param name="MaxPixels">Images of more pixels are shrunk, which bounds memory and time; null for the limit of the model's folder.</param>
public sealed record SmartSizing(long? MinPixels = null, long? MaxPixels = null) : ImageSizing
{
    private const int LargestAspect = 200;

    internal override ImageSize Of(ImageSize original, ImageProcessing model) =>
        Of(original, model.Factor, MinPixels ?? model.MinPixels, MaxPixels ?? model.MaxPixels);

    internal override ResamplingFilter Filter(ImageProcessing model) => model.Filter;

    internal static ImageSize Of(ImageSize original, int factor, long least, long most)
    {
        double width = original.Width, height = original.Height;
        if (least < 1 || most < least || most < (long)factor * factor)
            throw new ArgumentException($"Images cannot have {least} to {most} pixels; a model of {factor} x {factor} pixels a token needs a largest number of at least {factor * factor}, and of the smallest.");
        if (Math.Max(width, height) > LargestAspect * Math.Min(width, height))
            throw new ArgumentException($"An image of {original} pixels is more than {LargestAspect} times as long as wide, which the model does not take. Crop it.");
        double w = factor * Math.Round(width / factor, MidpointRounding.ToEven), h = factor * Math.Round(height / factor, MidpointRounding.ToEven);
        if (w * h > most)
        {
            double shrink = Math.Sqrt(width * height / most);
            (w, h) = (Math.Max(factor, factor * Math.Floor(width / shrink / factor)), Math.Max(factor, factor * Math.Floor(height / shrink / factor)));
        }
        else if (w * h < least)
        {
            double enlarge = Math.Sqrt(least / (width * height));
            (w, h) = (factor * Math.Ceiling(width * enlarge / factor), factor * Math.Ceiling(height * enlarge / factor));
        }
        // A thin image can round to nothing where there is no smallest number that would enlarge it.
        return new((int)Math.Max(factor, w), (int)Math.Max(factor, h));
    }
}

/// <summary>Every image at one size, stretched to it: the paper's setting has 840 x 840.</summary>
/// <param name="Size">The size; both sides multiples of the model's pixels a token (28, or 32 for Qwen3-VL).</param>
/// <param name="Resampling">How it is resampled.</param>
public sealed record FixedSizing(ImageSize Size, ResamplingFilter Resampling = ResamplingFilter.Bicubic) : ImageSizing
{
    internal override ImageSize Of(ImageSize original, ImageProcessing model)
    {
        int factor = model.Factor;
        if (Size.Width < factor || Size.Height < factor || Size.Width % factor != 0 || Size.Height % factor != 0)
            throw new ArgumentException($"Images of {Size} pixels are no whole number of this model's tokens of {factor} x {factor} pixels; take {Nearest(Size.Width, factor)} x {Nearest(Size.Height, factor)}.");
        return Size;
    }

    internal override ResamplingFilter Filter(ImageProcessing model) => Resampling;

    private static int Nearest(int side, int factor) => Math.Max(1, (side + factor / 2) / factor) * factor;
}
