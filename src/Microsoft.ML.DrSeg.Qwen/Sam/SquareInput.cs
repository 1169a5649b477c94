using System.Numerics.Tensors;
using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// An image as SAM 2 sees it: stretched to a square, in floating point throughout, by a triangle filter that widens where the
/// image shrinks; then normalised. So facebook does it (sam2/utils/transforms.py; the filter: PyTorch,
/// aten/src/ATen/native/cpu/UpSampleKernel.cpp, antialiased bilinear); transformers rounds to bytes in between.
/// </summary>
internal static class SquareInput
{
    private const int Channels = 3;

    private static readonly float[] Mean = [.485f, .456f, .406f], Deviation = [.229f, .224f, .225f];

    /// <summary>[3, side, side]: red, green, blue.</summary>
    public static float[] Of(RgbImage image, int side)
    {
        Taps[] columns = TapsOf(image.Width, side), rows = TapsOf(image.Height, side);
        var narrow = new float[image.Height * (long)side * Channels];
        Parallel.For(0, image.Height, y => Narrow(image.Pixels.AsSpan(y * image.Width * Channels, image.Width * Channels), columns, narrow.AsSpan(y * side * Channels, side * Channels)));
        var planes = new float[Channels * side * side];
        Parallel.For(0, side, y =>
        {
            var line = new float[side * Channels];
            for (int i = 0; i < rows[y].Weights.Length; i++)
                TensorPrimitives.MultiplyAdd(narrow.AsSpan((rows[y].First + i) * side * Channels, side * Channels), rows[y].Weights[i], line, line);
            for (int c = 0; c < Channels; c++)
                for (int x = 0; x < side; x++)
                    planes[(c * side + y) * side + x] = (line[x * Channels + c] - Mean[c]) / Deviation[c];
        });
        return planes;
    }

    // One row of bytes to one of 0..1 with as many pixels as there are taps.
    private static void Narrow(ReadOnlySpan<byte> row, Taps[] columns, Span<float> line)
    {
        for (int x = 0; x < columns.Length; x++)
        {
            float red = 0, green = 0, blue = 0;
            int at = columns[x].First * Channels;
            foreach (float weight in columns[x].Weights)
            {
                red += weight * row[at];
                green += weight * row[at + 1];
                blue += weight * row[at + 2];
                at += Channels;
            }
            (line[x * Channels], line[x * Channels + 1], line[x * Channels + 2]) = (red / 255, green / 255, blue / 255);
        }
    }

    // For each of the new places, the old ones that it is a mean of.
    private static Taps[] TapsOf(int length, int places)
    {
        double step = (double)length / places, reach = Math.Max(1, step);
        return [.. Enumerable.Range(0, places).Select(place =>
        {
            double centre = (place + .5) * step;
            int first = Math.Max(0, (int)(centre - reach + .5)), end = Math.Min(length, (int)(centre + reach + .5));
            double[] weights = [.. Enumerable.Range(first, end - first).Select(old => Math.Max(0, 1 - Math.Abs(old + .5 - centre) / reach))];
            double sum = weights.Sum();
            return new Taps(first, [.. weights.Select(weight => (float)(weight / sum))]);
        })];
    }

    private readonly record struct Taps(int First, float[] Weights);
}
