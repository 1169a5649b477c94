using System.Numerics;
using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Resizes images as Pillow does, to the bit: along the rows first, rounded to bytes, then along the columns; an axis that keeps
/// its size is left alone.
/// </summary>
internal static class PillowResampler
{
    private const int Half = 1 << (PillowWeights.Bits - 1);

    public static RgbImage Resize(RgbImage image, ImageSize size, ResamplingFilter filter)
    {
        byte[] pixels = image.Pixels;
        if (size.Width != image.Width)
            pixels = AlongRows(pixels, image.Width, image.Height, new(image.Width, size.Width, filter));
        if (size.Height != image.Height)
            pixels = AlongColumns(pixels, size.Width, new(image.Height, size.Height, filter));
        return new(size.Width, size.Height, pixels);
    }

    private static byte[] AlongRows(byte[] pixels, int width, int height, PillowWeights weights)
    {
        var result = new byte[checked(3 * weights.Positions * height)];
        Parallel.For(0, height, row =>
        {
            ReadOnlySpan<byte> source = pixels.AsSpan(3 * width * row, 3 * width);
            Span<byte> target = result.AsSpan(3 * weights.Positions * row, 3 * weights.Positions);
            for (int column = 0; column < weights.Positions; column++)
            {
                ReadOnlySpan<int> shares = weights[column];
                ReadOnlySpan<byte> read = source.Slice(3 * weights.Start(column), 3 * shares.Length);
                int red = Half, green = Half, blue = Half;
                for (int k = 0; k < shares.Length; k++)
                {
                    int share = shares[k];
                    red += share * read[3 * k];
                    green += share * read[3 * k + 1];
                    blue += share * read[3 * k + 2];
                }
                target[3 * column] = ToByte(red);
                target[3 * column + 1] = ToByte(green);
                target[3 * column + 2] = ToByte(blue);
            }
        });
        return result;
    }

    private static byte[] AlongColumns(byte[] pixels, int width, PillowWeights weights)
    {
        int stride = 3 * width;
        var result = new byte[checked(stride * weights.Positions)];
        Parallel.For(0, weights.Positions, () => new int[stride], (row, _, sums) =>
        {
            sums.AsSpan().Fill(Half);
            ReadOnlySpan<int> shares = weights[row];
            for (int k = 0; k < shares.Length; k++)
                AddScaled(pixels.AsSpan((weights.Start(row) + k) * stride, stride), shares[k], sums);
            Span<byte> target = result.AsSpan(row * stride, stride);
            for (int i = 0; i < target.Length; i++)
                target[i] = ToByte(sums[i]);
            return sums;
        }, _ => { });
        return result;
    }

    /// <summary>Adds share * source to sums, value by value.</summary>
    private static void AddScaled(ReadOnlySpan<byte> source, int share, Span<int> sums)
    {
        int i = 0;
        for (; i <= source.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(source[i..]), out Vector<ushort> low, out Vector<ushort> high);
            AddScaled(low, share, sums[i..]);
            AddScaled(high, share, sums[(i + Vector<ushort>.Count)..]);
        }
        for (; i < source.Length; i++)
            sums[i] += share * source[i];
    }

    private static void AddScaled(Vector<ushort> source, int share, Span<int> sums)
    {
        Vector.Widen(source, out Vector<uint> low, out Vector<uint> high);
        (new Vector<int>(sums) + Vector.AsVectorInt32(low) * share).CopyTo(sums);
        Span<int> rest = sums[Vector<int>.Count..];
        (new Vector<int>(rest) + Vector.AsVectorInt32(high) * share).CopyTo(rest);
    }

    private static byte ToByte(int sum) => (byte)Math.Clamp(sum >> PillowWeights.Bits, 0, 255);
}
