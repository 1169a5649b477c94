using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// An image as a Qwen vision tower takes it: normalised and cut into patches, blocks of patches that become one token one after
/// the other (huggingface/transformers, <c>image_processing_qwen2_vl.py</c>).
/// </summary>
/// <param name="Grid">How many there are.</param>
/// <param name="Values">A row for each patch: channel x frame x row x column, the frames of a still image equal.</param>
internal sealed record ImagePatches(PatchGrid Grid, float[] Values)
{
    /// <summary>Resizes an image and cuts it.</summary>
    /// <param name="image">At its own size.</param>
    /// <param name="sizing">What size it is shown at.</param>
    /// <param name="processing">What the model's folder says.</param>
    /// <exception cref="ArgumentException">Such an image, or such a size, does not suit the model.</exception>
    public static ImagePatches Of(RgbImage image, ImageSizing sizing, ImageProcessing processing) =>
        Cut(PillowResampler.Resize(image, sizing.Of(new(image.Width, image.Height), processing), sizing.Filter(processing)), processing);

    private static ImagePatches Cut(RgbImage image, ImageProcessing processing)
    {
        PatchGrid grid = processing.Grid(new(image.Width, image.Height));
        int side = processing.PatchSize, frames = processing.TemporalPatchSize, merge = processing.MergeSize;
        int length = 3 * frames * side * side, blocksAcross = grid.Columns / merge;
        float[][] levels = [.. Enumerable.Range(0, 3).Select(channel => Levels(processing.Mean[channel], processing.Deviation[channel]))];
        var values = new float[checked(grid.Patches * length)];
        Parallel.For(0, grid.Patches, patch =>
        {
            (int block, int within) = Math.DivRem(patch, merge * merge);
            int top = (block / blocksAcross * merge + within / merge) * side, left = (block % blocksAcross * merge + within % merge) * side;
            Span<float> row = values.AsSpan(patch * length, length);
            for (int channel = 0; channel < 3; channel++)
            {
                Span<float> frame = row.Slice(channel * frames * side * side, side * side);
                for (int y = 0; y < side; y++)
                {
                    ReadOnlySpan<byte> line = image.Pixels.AsSpan(3 * ((top + y) * image.Width + left), 3 * side);
                    for (int x = 0; x < side; x++)
                        frame[y * side + x] = levels[channel][line[3 * x + channel]];
                }
                for (int copy = 1; copy < frames; copy++)
                    frame.CopyTo(row.Slice((channel * frames + copy) * side * side, side * side));
            }
        });
        return new(grid, values);
    }

    private static float[] Levels(float mean, float deviation)
    {
        var levels = new float[256];
        for (int value = 0; value < 256; value++)
            levels[value] = (value / 255f - mean) / deviation;
        return levels;
    }
}
