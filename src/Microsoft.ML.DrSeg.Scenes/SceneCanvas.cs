using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Scenes;

/// <summary>
/// A scene while it is painted, from back to front. Beside its colour every pixel knows its owner: the object that
/// contributes at least half of its colour so far, if any. Rented memory: dispose.
/// </summary>
internal readonly ref struct SceneCanvas
{
    private readonly int _size;
    private readonly Vector128<float>[] _pixels; // red, green, blue, 0 to 1, and the share of the owner's contribution
    private readonly byte[] _owners; // column by column; 0 for the background
    private readonly Vector128<float>[] _line;

    public SceneCanvas(int size, int longestLine)
    {
        _size = size;
        _pixels = ArrayPool<Vector128<float>>.Shared.Rent(size * size);
        _owners = ArrayPool<byte>.Shared.Rent(size * size);
        _owners.AsSpan(0, size * size).Clear();
        _line = ArrayPool<Vector128<float>>.Shared.Rent(longestLine);
    }

    /// <summary>Fills the canvas with a square of a photograph.</summary>
    public void Fill(RgbImage background, BoundingBox square, bool flip, ColourChange change)
    {
        using var sampler = new RegionSampler(background.Pixels, 3, background.Width, background.Height, square, _size, _size);
        Vector128<float> contrast = Vector128.Create(change.Contrast, change.Contrast, change.Contrast, 0), offset = Vector128.Create(change.Offset, change.Offset, change.Offset, 0);
        for (int y = 0; y < _size; y++)
        {
            Span<Vector128<float>> row = _pixels.AsSpan(y * _size, _size);
            sampler.Read(y, row);
            foreach (ref Vector128<float> pixel in row)
                pixel = Vector128.Min(Vector128.Max(pixel * contrast + offset, default), Vector128<float>.One);
            if (flip)
                row.Reverse();
        }
    }

    /// <summary>Paints a cut-out over what is there.</summary>
    /// <param name="cutout">What to paint.</param>
    /// <param name="left">Column of its left border; may be outside.</param>
    /// <param name="top">Row of its upper border; may be outside.</param>
    /// <param name="width">Columns it takes up.</param>
    /// <param name="height">Rows it takes up.</param>
    /// <param name="flip">Whether it is mirrored.</param>
    /// <param name="change">How its colours are changed.</param>
    /// <param name="owner">Its number, 1 to 255.</param>
    /// <returns>Pixels where it is at least half opaque, those outside the canvas too.</returns>
    public int Paint(Cutout cutout, int left, int top, int width, int height, bool flip, ColourChange change, byte owner)
    {
        using var sampler = new RegionSampler(cutout.Pixels, 4, cutout.Width, cutout.Height, new(0, 0, cutout.Width, cutout.Height), width, height);
        Span<Vector128<float>> line = _line.AsSpan(0, width);
        int area = 0;
        for (int v = 0; v < height; v++)
        {
            sampler.Read(v, line);
            if (flip)
                line.Reverse();
            foreach (Vector128<float> source in line)
                area += source[3] >= 0.5f ? 1 : 0;
            int y = top + v;
            if (y < 0 || y >= _size)
                continue;
            for (int x = Math.Max(left, 0); x < Math.Min(left + width, _size); x++)
            {
                Vector128<float> source = line[x - left];
                float alpha = source[3];
                if (alpha <= 0)
                    continue;
                // Colours are multiplied by alpha already: so is what is added to them, and so is their limit.
                var opacity = Vector128.Create(alpha);
                var colour = Vector128.Min(Vector128.Max(source * change.Contrast + opacity * change.Offset, default), opacity);
                ref Vector128<float> pixel = ref _pixels[y * _size + x];
                Vector128<float> below = pixel * (1 - alpha);
                ref byte owned = ref _owners[x * _size + y];
                float share = below[3];
                if (alpha >= 0.5f)
                    (owned, share) = (owner, alpha);
                else if (share < 0.5f)
                    (owned, share) = (0, 0);
                pixel = (below + colour).WithElement(3, share);
            }
        }
        return area;
    }

    /// <summary>The colours as bytes.</summary>
    public RgbImage ToImage()
    {
        var image = new RgbImage(_size, _size);
        byte[] bytes = image.Pixels;
        ReadOnlySpan<float> values = MemoryMarshal.Cast<Vector128<float>, float>(_pixels.AsSpan(0, _size * _size));
        for (int from = 0, to = 0; to < bytes.Length; from += 4, to += 3)
        {
            bytes[to] = (byte)(values[from] * 255 + 0.5f);
            bytes[to + 1] = (byte)(values[from + 1] * 255 + 0.5f);
            bytes[to + 2] = (byte)(values[from + 2] * 255 + 0.5f);
        }
        return image;
    }

    /// <summary>The pixels that an object owns now.</summary>
    public SegmentationMask MaskOf(byte owner) => SegmentationMask.FromLabels(_owners.AsSpan(0, _size * _size), owner, _size, _size);

    public void Dispose()
    {
        ArrayPool<Vector128<float>>.Shared.Return(_pixels);
        ArrayPool<byte>.Shared.Return(_owners);
        ArrayPool<Vector128<float>>.Shared.Return(_line);
    }
}
