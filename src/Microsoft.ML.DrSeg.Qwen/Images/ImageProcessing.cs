using System.Text.Json;
using Microsoft.ML.DrSeg.Datasets;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// What a Qwen folder says about preparing images: <c>preprocessor_config.json</c> in the shapes it has had, or the
/// <c>image_processor</c> of <c>processor_config.json</c>. Fields: huggingface/transformers, <c>image_processing_qwen2_vl.py</c>.
/// </summary>
/// <param name="PatchSize">Side of a patch, in pixels.</param>
/// <param name="TemporalPatchSize">Frames of a patch: a still image is repeated to as many.</param>
/// <param name="MergeSize">Side of the square of patches that becomes one token.</param>
/// <param name="MinPixels">Images of fewer pixels are enlarged.</param>
/// <param name="MaxPixels">Images of more pixels are shrunk.</param>
/// <param name="Mean">Subtracted from red, green and blue of 0 to 1.</param>
/// <param name="Deviation">Then divided by.</param>
/// <param name="Filter">How images are resampled.</param>
internal sealed record ImageProcessing(
    int PatchSize, int TemporalPatchSize, int MergeSize, long MinPixels, long MaxPixels, IReadOnlyList<float> Mean, IReadOnlyList<float> Deviation, ResamplingFilter Filter)
{
    private const string Own = "preprocessor_config.json", Joint = "processor_config.json";

    /// <summary>Sides of a resized image are multiples of this, in pixels.</summary>
    public int Factor => PatchSize * MergeSize;

    /// <summary>The patches of an image.</summary>
    /// <param name="resized">Both sides multiples of <see cref="Factor"/>.</param>
    public PatchGrid Grid(ImageSize resized) => new(resized.Height / PatchSize, resized.Width / PatchSize);

    /// <summary>Reads a folder in Hugging Face's layout.</summary>
    /// <exception cref="FileNotFoundException">The file is missing.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or asks for something that is not done here.</exception>
    public static ImageProcessing Read(string folder)
    {
        string own = Path.Combine(folder, Own), joint = Path.Combine(folder, Joint);
        return File.Exists(own) ? FolderJson.Read(own, Parse)
            : File.Exists(joint) ? FolderJson.Read(joint, root => Parse(root.Field("image_processor")))
            : throw new FileNotFoundException($"'{folder}' has no {Own}: fetch it from the model's page.", own);
    }

    private static ImageProcessing Parse(JsonElement root)
    {
        foreach (string step in (string[])["do_resize", "do_rescale", "do_normalize"])
            if (root.FieldOrNull(step) is { } wanted && wanted.ValueKind != JsonValueKind.True)
                throw new InvalidDataException($"'{step}' is {wanted.GetRawText()}, but images are always resized, rescaled and normalised here.");
        if (root.FieldOrNull("rescale_factor")?.Number("rescale_factor") is { } factor && Math.Abs(factor * 255 - 1) > 1e-6)
            throw new InvalidDataException($"'rescale_factor' is {factor}; only 1/255 is known.");
        var read = new ImageProcessing(
            Side(root, "patch_size", 14), Side(root, "temporal_patch_size", 2), Side(root, "merge_size", 2),
            Pixels(root, "min_pixels", "shortest_edge"), Pixels(root, "max_pixels", "longest_edge"),
            Channels(root, "image_mean"), Channels(root, "image_std"), Resample(root));
        if (read.MinPixels > read.MaxPixels)
            throw new InvalidDataException($"the smallest number of pixels, {read.MinPixels}, is above the largest, {read.MaxPixels}.");
        if (read.Deviation.Any(one => !(one > 0)))
            throw new InvalidDataException("'image_std' must be above 0.");
        return read;
    }

    private static int Side(JsonElement root, string name, int otherwise) => root.FieldOrNull(name) is not { } side ? otherwise
        : side.Whole(name) is >= 1 and <= 1024 and var value ? (int)value
        : throw new InvalidDataException($"'{name}' must be 1 to 1024, not {side.GetRawText()}.");

    // Files have had the limits as fields of their own, and within size under two names, of which the newer says "edge" but means pixels.
    private static long Pixels(JsonElement root, string name, string edge)
    {
        JsonElement? size = root.FieldOrNull("size");
        JsonElement found = root.FieldOrNull(name) ?? size?.FieldOrNull(name) ?? size?.FieldOrNull(edge)
            ?? throw new InvalidDataException($"neither '{name}' nor 'size.{edge}' is there.");
        return found.Whole(name) is >= 1 and var pixels ? pixels : throw new InvalidDataException($"'{name}' must be above 0, not {found.GetRawText()}.");
    }

    private static float[] Channels(JsonElement root, string name) => root.Field(name).Numbers(name) is [var red, var green, var blue]
        ? [(float)red, (float)green, (float)blue]
        : throw new InvalidDataException($"'{name}' must be three numbers.");

    private static ResamplingFilter Resample(JsonElement root) => root.FieldOrNull("resample")?.Whole("resample") switch
    {
        null or 3 => ResamplingFilter.Bicubic,
        2 => ResamplingFilter.Bilinear,
        { } other => throw new InvalidDataException($"'resample' is {other}; only 2 (bilinear) and 3 (bicubic) are known."),
    };
}
