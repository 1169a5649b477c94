using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Tests.Masks;

/// <summary>Random pixels for comparisons with counting them one by one.</summary>
internal static class RandomMasks
{
    /// <summary>Row by row; sparse, dense, full and empty ones all occur.</summary>
    public static bool[] Pixels(Random random, int width, int height)
    {
        double share = random.Next(5) / 4.0;
        return [.. Enumerable.Range(0, width * height).Select(_ => random.NextDouble() < share)];
    }

    /// <summary>The mask that a rule for column and row describes.</summary>
    public static SegmentationMask Where(int width, int height, Func<int, int, bool> inside) => SegmentationMask.FromPixels(
        [.. Enumerable.Range(0, width * height).Select(i => inside(i % width, i / width))], width, height);
}
