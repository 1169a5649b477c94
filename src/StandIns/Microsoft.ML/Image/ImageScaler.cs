namespace Microsoft.ML.Transforms.Image;

/// <summary>Draws a scaled image on black: area averages where it shrinks, bilinear interpolation where it grows.</summary>
internal static class ImageScaler
{
    private const int Channels = 3;

    /// <summary>The weighted neighbours that one output coordinate is made of; the weights add up to 1.</summary>
    private readonly record struct Tap(int First, float[] Weights);

    /// <summary>
    /// Draws all of a BGRA image into the rectangle of the target (which may reach beyond its edges) and makes the target opaque.
    /// Transparent parts let the black through.
    /// </summary>
    public static void Draw(ReadOnlySpan<byte> source, int sourceWidth, int sourceHeight, Span<byte> target, int targetWidth, int targetHeight, int left, int top, int drawnWidth, int drawnHeight)
    {
        for (int i = 0; i < target.Length; i += 4)
            (target[i], target[i + 1], target[i + 2], target[i + 3]) = (0, 0, 0, 255);

        int x0 = Math.Max(left, 0), x1 = Math.Min(left + drawnWidth, targetWidth);
        int y0 = Math.Max(top, 0), y1 = Math.Min(top + drawnHeight, targetHeight);
        Tap[] columns = Taps(sourceWidth, drawnWidth, x0 - left, x1 - left);
        Tap[] rows = Taps(sourceHeight, drawnHeight, y0 - top, y1 - top);

        // Scaled across: each source row once, kept while later output rows still need it.
        var across = new float[sourceHeight][];
        var line = new float[(x1 - x0) * Channels];
        int dropped = 0;
        for (int y = y0; y < y1; y++)
        {
            Tap tap = rows[y - y0];
            Array.Clear(line);
            for (int k = 0; k < tap.Weights.Length; k++)
            {
                int row = tap.First + k;
                across[row] ??= ScaleAcross(source.Slice(row * sourceWidth * 4, sourceWidth * 4), columns);
                AddScaled(across[row], tap.Weights[k], line);
            }

            for (; dropped < tap.First; dropped++)
                across[dropped] = null;
            Store(line, target[((y * targetWidth + x0) * 4)..]);
        }
    }

    private static float[] ScaleAcross(ReadOnlySpan<byte> row, Tap[] columns)
    {
        var scaled = new float[columns.Length * Channels];
        for (int x = 0; x < columns.Length; x++)
        {
            float blue = 0, green = 0, red = 0;
            int at = columns[x].First * 4;
            foreach (float weight in columns[x].Weights)
            {
                float opaque = weight * row[at + 3] / 255;
                blue += opaque * row[at];
                green += opaque * row[at + 1];
                red += opaque * row[at + 2];
                at += 4;
            }

            (scaled[x * Channels], scaled[x * Channels + 1], scaled[x * Channels + 2]) = (blue, green, red);
        }

        return scaled;
    }

    private static void AddScaled(ReadOnlySpan<float> values, float weight, Span<float> sum)
    {
        for (int i = 0; i < sum.Length; i++)
            sum[i] += weight * values[i];
    }

    private static void Store(ReadOnlySpan<float> line, Span<byte> target)
    {
        for (int from = 0, to = 0; from < line.Length; from += Channels, to += 4)
        {
            for (int c = 0; c < Channels; c++)
                target[to + c] = (byte)(Math.Min(line[from + c], 255) + 0.5f);
        }
    }

    private static Tap[] Taps(int sourceSize, int drawnSize, int start, int end)
    {
        var taps = new Tap[end - start];
        double step = (double)sourceSize / drawnSize;
        for (int i = start; i < end; i++)
            taps[i - start] = step > 1 ? AreaTap(i * step, (i + 1) * step, sourceSize) : LinearTap((i + 0.5) * step - 0.5, sourceSize);
        return taps;
    }

    private static Tap AreaTap(double from, double to, int size)
    {
        int first = (int)from, last = Math.Min((int)Math.Ceiling(to), size);
        var weights = new float[last - first];
        for (int k = 0; k < weights.Length; k++)
            weights[k] = (float)((Math.Min(to, first + k + 1) - Math.Max(from, first + k)) / (to - from));
        return new Tap(first, weights);
    }

    private static Tap LinearTap(double centre, int size)
    {
        double clamped = Math.Clamp(centre, 0, size - 1);
        int first = (int)clamped;
        var fraction = (float)(clamped - first);
        return new Tap(first, fraction == 0 ? [1] : [1 - fraction, fraction]);
    }
}
