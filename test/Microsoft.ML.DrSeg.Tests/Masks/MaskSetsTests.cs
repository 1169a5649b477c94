using Microsoft.ML.DrSeg.Masks;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Masks;

public class MaskSetsTests
{
    [Test]
    public void SetOperationsAreThoseOfTheirPixels()
    {
        var random = new Random(4);
        for (int trial = 0; trial < 500; trial++)
        {
            int width = random.Next(1, 24), height = random.Next(1, 24);
            bool[] a = RandomMasks.Pixels(random, width, height), b = RandomMasks.Pixels(random, width, height);
            SegmentationMask first = SegmentationMask.FromPixels(a, width, height), second = SegmentationMask.FromPixels(b, width, height);
            SegmentationMask Of(Func<bool, bool, bool> rule) => SegmentationMask.FromPixels([.. a.Zip(b, rule)], width, height);
            Assert.That(first.Union(second), Is.EqualTo(Of((x, y) => x || y)));
            Assert.That(first.Intersect(second), Is.EqualTo(Of((x, y) => x && y)));
            Assert.That(first.Except(second), Is.EqualTo(Of((x, y) => x && !y)));
            Assert.That(first.Union(second).Area, Is.EqualTo(first.UnionArea(second)));
            Assert.That(SegmentationMask.Union([first, second, first], width, height), Is.EqualTo(first.Union(second)));
        }
        Assert.That(SegmentationMask.Union([], 3, 2), Is.EqualTo(SegmentationMask.Empty(3, 2)));
        Assert.That(() => SegmentationMask.Empty(3, 2).Union(SegmentationMask.Empty(2, 3)), Throws.ArgumentException);
    }

    [Test]
    public void ErosionAndDilationAreThoseOfASquare()
    {
        var random = new Random(5);
        for (int trial = 0; trial < 300; trial++)
        {
            int width = random.Next(1, 24), height = random.Next(1, 24), radius = random.Next(0, trial % 10 == 0 ? 40 : 5);
            bool[] pixels = RandomMasks.Pixels(random, width, height);
            // Blobs, so that something is left of them.
            var mask = SegmentationMask.FromPixels(pixels, width, height);
            mask = trial % 2 == 0 ? mask : Slowly(mask, 2, any: true);
            Assert.That(mask.Erode(radius), Is.EqualTo(Slowly(mask, radius, any: false)), $"erosion by {radius}");
            Assert.That(mask.Dilate(radius), Is.EqualTo(Slowly(mask, radius, any: true)), $"dilation by {radius}");
            Assert.That(mask.Boundary(radius + 1), Is.EqualTo(mask.Except(Slowly(mask, radius + 1, any: false))));
        }
    }

    [Test]
    public void TheRimIsNearTheOutsideAlongARowOrAColumn()
    {
        var random = new Random(6);
        for (int trial = 0; trial < 200; trial++)
        {
            int width = random.Next(1, 24), height = random.Next(1, 24), thickness = random.Next(1, trial % 10 == 0 ? 40 : 4);
            SegmentationMask mask = Slowly(SegmentationMask.FromPixels(RandomMasks.Pixels(random, width, height), width, height), trial % 3, any: true);
            bool Inside(int x, int y) => x >= 0 && y >= 0 && x < width && y < height && mask[x, y];
            SegmentationMask expected = RandomMasks.Where(width, height, (x, y) => mask[x, y] && Enumerable.Range(-thickness, 2 * thickness + 1).Any(d => !Inside(x + d, y) || !Inside(x, y + d)));
            Assert.That(mask.Rim(thickness), Is.EqualTo(expected));
        }
    }

    [Test]
    public void ErodingTwiceIsErodingByTheSum()
    {
        SegmentationMask mask = RandomMasks.Where(60, 40, (x, y) => (x - 30) * (x - 30) + (y - 20) * (y - 20) < 300);
        Assert.That(mask.Erode(2).Erode(3), Is.EqualTo(mask.Erode(5)));
        Assert.That(mask.Dilate(2).Dilate(3), Is.EqualTo(mask.Dilate(5)));
    }

    // 2 % of the diagonal of 300 x 400, which is 500, are 10 pixels; of 30 x 40 it is 1 pixel; of 3 x 4 a tenth of one, and so 1.
    [TestCase(300, 400, 10)]
    [TestCase(30, 40, 1)]
    [TestCase(3, 4, 1)]
    public void TheBoundaryIsTwoPercentOfTheDiagonalThick(int width, int height, int thickness)
    {
        var whole = SegmentationMask.FromBox(new(0, 0, width, height), width, height);
        // The image's edge is background: of a mask that fills the image a frame is left.
        long inner = (long)Math.Max(0, width - 2 * thickness) * Math.Max(0, height - 2 * thickness);
        Assert.That(whole.Boundary().Area, Is.EqualTo(whole.Area - inner));
    }

    [Test]
    public void TheLargestComponentIsConnectedByCornersToo()
    {
        // Two parts: four pixels on a diagonal, and three in a row.
        string[] rows =
        [
            "#......",
            ".#..###",
            "..#....",
            "...#...",
        ];
        SegmentationMask mask = RandomMasks.Where(7, 4, (x, y) => rows[y][x] == '#');
        Assert.That(mask.LargestComponent(), Is.EqualTo(RandomMasks.Where(7, 4, (x, y) => x == y)));
        Assert.That(SegmentationMask.Empty(3, 3).LargestComponent(), Is.EqualTo(SegmentationMask.Empty(3, 3)));
        // Of two equally large parts the left one.
        SegmentationMask two = RandomMasks.Where(7, 4, (x, _) => x is 1 or 5);
        Assert.That(two.LargestComponent(), Is.EqualTo(RandomMasks.Where(7, 4, (x, _) => x == 1)));
    }

    [Test]
    public void TheLargestComponentIsTheLargestFlood()
    {
        var random = new Random(6);
        for (int trial = 0; trial < 300; trial++)
        {
            int width = random.Next(1, 20), height = random.Next(1, 20);
            var mask = SegmentationMask.FromPixels(RandomMasks.Pixels(random, width, height), width, height);
            SegmentationMask kept = mask.LargestComponent();
            int[] floods = Floods(mask);
            Assert.That(kept.Area, Is.EqualTo(floods.DefaultIfEmpty(0).Max()));
            Assert.That(kept.Except(mask).Area, Is.Zero);
            Assert.That(Floods(kept), Has.Length.EqualTo(kept.Area > 0 ? 1 : 0));
        }
    }

    private static SegmentationMask Slowly(SegmentationMask mask, int radius, bool any) => RandomMasks.Where(mask.Width, mask.Height, (x, y) =>
    {
        for (int v = y - radius; v <= y + radius; v++)
            for (int u = x - radius; u <= x + radius; u++)
                if ((u >= 0 && v >= 0 && u < mask.Width && v < mask.Height && mask[u, v]) == any)
                    return any;
        return !any;
    });

    // Sizes of the parts, each filled from its first pixel.
    private static int[] Floods(SegmentationMask mask)
    {
        var seen = new HashSet<(int, int)>();
        var sizes = new List<int>();
        for (int x = 0; x < mask.Width; x++)
            for (int y = 0; y < mask.Height; y++)
            {
                var open = new Stack<(int X, int Y)>([(x, y)]);
                int size = 0;
                while (open.TryPop(out var at))
                {
                    if (at.X < 0 || at.Y < 0 || at.X >= mask.Width || at.Y >= mask.Height || !mask[at.X, at.Y] || !seen.Add(at))
                        continue;
                    size++;
                    for (int dx = -1; dx <= 1; dx++)
                        for (int dy = -1; dy <= 1; dy++)
                            open.Push((at.X + dx, at.Y + dy));
                }
                if (size > 0)
                    sizes.Add(size);
            }
        return [.. sizes];
    }
}
