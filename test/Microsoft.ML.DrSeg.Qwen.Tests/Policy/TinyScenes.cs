using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>A rectangle of the colour asked for, before a grey background.</summary>
internal static class TinyScenes
{
    private static readonly string[] Colours = ["red", "green", "blue"];

    /// <summary>The example of a number.</summary>
    public static SegmentationExample Of(long index)
    {
        const int Side = TinyQwenFolder.ImageSide, Grid = 14;
        var random = DeterministicRandom.Create(0x51, (ulong)index);
        int colour = random.NextInt(3), width = (2 + random.NextInt(4)) * Grid, height = (2 + random.NextInt(4)) * Grid;
        int x = random.NextInt((Side - width) / Grid + 1) * Grid, y = random.NextInt((Side - height) / Grid + 1) * Grid;
        var image = new RgbImage(Side, Side);
        Array.Fill(image.Pixels, (byte)90);
        for (int row = y; row < y + height; row++)
            for (int column = x; column < x + width; column++)
                for (int channel = 0; channel < 3; channel++)
                    image.Pixels[3 * (row * Side + column) + channel] = (byte)(channel == colour ? 240 : 20);
        var mask = SegmentationMask.FromBox(new BoundingBox(x, y, x + width, y + height), Side, Side);
        return new SegmentationExample(image, Colours[colour], mask, index) { Objects = [mask] };
    }
}
