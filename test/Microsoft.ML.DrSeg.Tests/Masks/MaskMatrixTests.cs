using System.Numerics;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Masks;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Masks;

public class MaskMatrixTests
{
    // 4 x 2 pixels: the left half, the upper row, nothing, all. Left and upper share 2 of 6; two empty masks agree.
    [Test]
    public void EveryMaskMeetsEveryOther()
    {
        SegmentationMask left = RandomMasks.Where(4, 2, (x, _) => x < 2), upper = RandomMasks.Where(4, 2, (_, y) => y == 0);
        SegmentationMask nothing = SegmentationMask.Empty(4, 2), all = RandomMasks.Where(4, 2, (_, _) => true);
        Assert.That(SegmentationMask.IntersectionOverUnion([left, nothing], [left, upper, nothing, all]), Is.EqualTo(new[,]
        {
            { 1, 2 / 6.0, 0, 0.5 },
            { 0, 0, 1, 0 },
        }));
        Assert.That(SegmentationMask.IntersectionOverUnion([], [left]), Is.EqualTo(new double[0, 1]));
        Assert.That(SegmentationMask.IntersectionOverUnion([left, all], []), Is.EqualTo(new double[2, 0]));
    }

    // On sizes that end within a word, with masks that begin and end in every way.
    [Test]
    public void ItIsWhatCountingPixelsGives()
    {
        var random = new Random(3);
        for (int trial = 0; trial < 40; trial++)
        {
            int width = random.Next(1, 40), height = random.Next(1, 90);
            SegmentationMask Make() => random.Next(3) switch
            {
                0 => SegmentationMask.FromPixels(RandomMasks.Pixels(random, width, height), width, height),
                1 => SegmentationMask.FromBox(new(random.Next(width), random.Next(height), random.Next(width + 1), random.Next(height + 1)), width, height),
                _ => OneRun(random.Next(width * height + 1), random.Next(width * height + 1), width, height),
            };
            SegmentationMask[] first = [.. Enumerable.Range(0, 7).Select(_ => Make())], second = [.. Enumerable.Range(0, 5).Select(_ => Make())];
            double[,] matrix = SegmentationMask.IntersectionOverUnion(first, second);
            for (int i = 0; i < first.Length; i++)
                for (int j = 0; j < second.Length; j++)
                    Assert.That(matrix[i, j], Is.EqualTo(ByPixels(first[i], second[j])).Within(1e-12), $"{first[i]}; {second[j]}");
        }
    }

    // Column 1 is shared by both boxes, but one mask ends above where the other begins, words apart.
    [Test]
    public void BoxesThatOverlapWithoutASharedPixelAreNoTrouble()
    {
        SegmentationMask before = SegmentationMask.FromBox(new(0, 0, 1, 400), 3, 400).Union(SegmentationMask.FromBox(new(1, 0, 2, 100), 3, 400));
        SegmentationMask after = SegmentationMask.FromBox(new(1, 300, 2, 400), 3, 400).Union(SegmentationMask.FromBox(new(2, 0, 3, 400), 3, 400));
        Assert.That(before.Box.Intersect(after.Box).IsEmpty, Is.False);
        Assert.That(SegmentationMask.IntersectionOverUnion([before, after], [after])[0, 0], Is.Zero);
    }

    [Test]
    public void MasksOfOtherSizesAndMissingOnesAreNamed()
    {
        SegmentationMask mask = SegmentationMask.Empty(4, 2), turned = SegmentationMask.Empty(2, 4);
        Assert.That(() => SegmentationMask.IntersectionOverUnion([mask], [mask, turned]), Throws.ArgumentException.With.Message.Contains("mask 1 is 2 x 4").And.Message.Contains("4 x 2"));
        Assert.That(() => SegmentationMask.IntersectionOverUnion([mask, null!], [mask]), Throws.ArgumentException.With.Message.Contains("Mask 1 is null"));
        Assert.That(() => SegmentationMask.IntersectionOverUnion([null!], [mask]), Throws.ArgumentException.With.Message.Contains("Mask 0 is null"));
    }

    // All bits set is what would overflow the counts within bytes, after 31 vectors of 8 words or fewer.
    [Test]
    public void BitsAreCountedAtEveryLength()
    {
        var random = new Random(4);
        for (int length = 0; length < 600; length++)
        {
            ulong[] first = [.. Enumerable.Range(0, length).Select(_ => length % 3 == 0 ? ulong.MaxValue : (ulong)random.NextInt64())];
            ulong[] second = [.. Enumerable.Range(0, length).Select(_ => length % 3 < 2 ? ulong.MaxValue : (ulong)random.NextInt64())];
            Assert.That(SharedBits.Count(first, second), Is.EqualTo(first.Zip(second, (a, b) => (long)BitOperations.PopCount(a & b)).Sum()), $"{length} words");
        }
    }

    private static SegmentationMask OneRun(int one, int other, int width, int height) =>
        SegmentationMask.FromRunLengths([Math.Min(one, other), Math.Abs(one - other), width * height - Math.Max(one, other)], width, height);

    private static double ByPixels(SegmentationMask first, SegmentationMask second)
    {
        int shared = 0, joint = 0;
        for (int x = 0; x < first.Width; x++)
            for (int y = 0; y < first.Height; y++)
            {
                shared += first[x, y] && second[x, y] ? 1 : 0;
                joint += first[x, y] || second[x, y] ? 1 : 0;
            }
        return joint == 0 ? 1 : (double)shared / joint;
    }
}
