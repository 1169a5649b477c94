using System.Buffers;
using System.Runtime.Intrinsics;
using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Masks;

/// <summary>
/// Cuts square views out of images and masks, of regions of any sides, for a network, and puts a network's view back into the image.
/// </summary>
/// <remarks>
/// A view's pixel (i, j) covers the i-th row and j-th column of the region divided into size x size equal parts. Where the
/// region is larger than the view along an axis, source pixels are averaged by area; where it is smaller, they are
/// interpolated linearly between their centres. Rows are combined first, whole rows at a time, then columns.
/// </remarks>
internal static class CropSampler
{
    private const float Outside = 0.5f;

    /// <summary>Writes the region of an image as three planes (red, green, blue) of size x size values from 0 to 1.</summary>
    /// <param name="region">What to look at, in pixels; may reach beyond the image, where all is 0.5.</param>
    /// <param name="size">Pixels a side of the view, at least 1.</param>
    /// <param name="destination">3 x size x size values: plane, row, column.</param>
    public static void Sample(RgbImage image, BoundingBox region, int size, Span<float> destination)
    {
        Check(region, size, 3, destination.Length);
        using var sampler = new RegionSampler(image.Pixels, 3, image.Width, image.Height, region, size, size);
        int plane = size * size;
        Vector128<float>[] line = ArrayPool<Vector128<float>>.Shared.Rent(size);
        for (int i = 0; i < size; i++)
        {
            sampler.Read(i, line.AsSpan(0, size));
            float insideRows = sampler.InsideRows(i);
            for (int j = 0; j < size; j++)
            {
                Vector128<float> colour = line[j] + Vector128.Create(Outside * (1 - insideRows * sampler.InsideColumns(j)));
                int at = i * size + j;
                destination[at] = colour[0];
                destination[at + plane] = colour[1];
                destination[at + 2 * plane] = colour[2];
            }
        }
        ArrayPool<Vector128<float>>.Shared.Return(line);
    }

    /// <summary>Writes the region of a mask as size x size values: the share of each view pixel that the mask covers.</summary>
    /// <param name="region">What to look at, in pixels; may reach beyond the image, where all is 0.</param>
    /// <param name="size">Pixels a side of the view, at least 1.</param>
    /// <param name="destination">size x size values: row, column.</param>
    public static void Sample(SegmentationMask mask, BoundingBox region, int size, Span<float> destination)
    {
        Check(region, size, 1, destination.Length);
        using var rows = new AxisWeights(region.Y0, region.Height, size, mask.Height);
        using var columns = new AxisWeights(region.X0, region.Width, size, mask.Width);
        // A mask is stored column by column: columns are combined first.
        int height = mask.Height, stored = (columns.End - columns.First) * height, length = rows.End - rows.First;
        byte[] pixels = ArrayPool<byte>.Shared.Rent(stored);
        mask.CopyColumnsTo(columns.First, pixels.AsSpan(0, stored));
        float[] column = ArrayPool<float>.Shared.Rent(length);
        for (int j = 0; j < size; j++)
        {
            Span<float> mean = column.AsSpan(0, length);
            mean.Clear();
            int source = (columns.Start(j) - columns.First) * height + rows.First;
            foreach (float weight in columns[j])
            {
                RegionSampler.AddScaled(pixels.AsSpan(source, length), weight, mean);
                source += height;
            }
            for (int i = 0; i < size; i++)
            {
                int at = rows.Start(i) - rows.First;
                float covered = 0;
                foreach (float weight in rows[i])
                    covered += weight * mean[at++];
                destination[i * size + j] = covered;
            }
        }
        ArrayPool<float>.Shared.Return(column);
        ArrayPool<byte>.Shared.Return(pixels);
    }

    /// <summary>
    /// Puts a view's logits back into the image: interpolates them linearly at the image's pixels (held constant beyond the
    /// centres of the outermost ones) and takes the pixels above 0. Pixels whose centre is outside the region stay outside.
    /// </summary>
    /// <param name="logits">size x size values: row, column; above 0 means inside.</param>
    /// <param name="size">Pixels a side of the view, at least 1.</param>
    /// <param name="region">What the view shows, in pixels of the image; may reach beyond it.</param>
    public static SegmentationMask Paste(ReadOnlySpan<float> logits, int size, BoundingBox region, int width, int height)
    {
        Check(region, size, 1, logits.Length);
        (int x0, int x1) = Centres(region.X0, region.X1, width);
        (int y0, int y1) = Centres(region.Y0, region.Y1, height);
        byte[] inside = ArrayPool<byte>.Shared.Rent(checked(width * height));
        inside.AsSpan(0, width * height).Clear();
        float[] column = ArrayPool<float>.Shared.Rent(size);
        double stepX = size / (double)region.Width, stepY = size / (double)region.Height;
        (int Place, float Share)[] rows = ArrayPool<(int, float)>.Shared.Rent(Math.Max(y1 - y0, 0));
        for (int y = y0; y < y1; y++)
            rows[y - y0] = Neighbours((y + 0.5 - region.Y0) * stepY, size);
        for (int x = x0; x < x1; x++)
        {
            var (left, share) = Neighbours((x + 0.5 - region.X0) * stepX, size);
            int right = Math.Min(left + 1, size - 1);
            for (int i = 0; i < size; i++)
                column[i] = (1 - share) * logits[i * size + left] + share * logits[i * size + right];
            for (int y = y0; y < y1; y++)
            {
                var (upper, part) = rows[y - y0];
                float logit = (1 - part) * column[upper] + part * column[Math.Min(upper + 1, size - 1)];
                inside[x * height + y] = logit > 0 ? (byte)1 : (byte)0;
            }
        }
        var mask = SegmentationMask.FromLabels(inside.AsSpan(0, width * height), 1, width, height);
        ArrayPool<(int, float)>.Shared.Return(rows);
        ArrayPool<float>.Shared.Return(column);
        ArrayPool<byte>.Shared.Return(inside);
        return mask;
    }

    /// <summary>The pixels whose centre lies between two borders: first one, and one beyond the last.</summary>
    internal static (int First, int End) Centres(float low, float high, int side) =>
        ((int)Math.Clamp(MathF.Ceiling(low - 0.5f), 0, side), (int)Math.Clamp(MathF.Ceiling(high - 0.5f), 0, side));

    // The view pixel left of (above) a place in the view, and how far the place is on the way to the next one, 0 to 1.
    private static (int Place, float Share) Neighbours(double at, int size)
    {
        at = Math.Clamp(at - 0.5, 0, size - 1);
        int place = (int)at;
        return (place, (float)(at - place));
    }

    private static void Check(BoundingBox region, int size, int planes, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        if (region.IsEmpty || !float.IsFinite(region.Width) || !float.IsFinite(region.Height))
            throw new ArgumentException($"The region {region} is empty or not finite; a view shows a region with X0 < X1 and Y0 < Y1.", nameof(region));
        if (length != planes * size * size)
            throw new ArgumentException($"A view of size {size} has {planes * size * size} values, not {length}.", nameof(size));
    }
}
