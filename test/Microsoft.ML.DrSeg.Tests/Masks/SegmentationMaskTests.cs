using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Masks;

public class SegmentationMaskTests
{
    [Test]
    public void RandomMasksAgreeWithCountingPixels()
    {
        var random = new Random(1);
        for (int trial = 0; trial < 500; trial++)
        {
            int width = random.Next(1, 24), height = random.Next(1, 24);
            bool[] a = RandomMasks.Pixels(random, width, height), b = RandomMasks.Pixels(random, width, height);
            SegmentationMask first = SegmentationMask.FromPixels(a, width, height), second = SegmentationMask.FromPixels(b, width, height);
            int shared = 0, joint = 0;
            for (int i = 0; i < a.Length; i++)
            {
                shared += a[i] && b[i] ? 1 : 0;
                joint += a[i] || b[i] ? 1 : 0;
                Assert.That(first[i % width, i / width], Is.EqualTo(a[i]));
            }
            Assert.That(first.Area, Is.EqualTo(a.Count(inside => inside)));
            Assert.That(first.IntersectionArea(second), Is.EqualTo(shared));
            Assert.That(first.UnionArea(second), Is.EqualTo(joint));
            Assert.That(first.IntersectionOverUnion(second), Is.EqualTo(joint == 0 ? 1 : shared / (double)joint).Within(1e-12));
            Assert.That(first.Dice(second), Is.EqualTo(shared + joint == 0 ? 1 : 2 * shared / (double)(shared + joint)).Within(1e-12));
            Assert.That(first.Equals(second), Is.EqualTo(a.SequenceEqual(b)));

            var unpacked = new bool[a.Length];
            first.CopyTo(unpacked);
            Assert.That(unpacked, Is.EqualTo(a));
            Assert.That(first.Box, Is.EqualTo(BoxOf(a, width)));
        }
    }

    [Test]
    public void InteriorPointIsInsideAndAsFarFromTheBorderAsAnyPixel()
    {
        var random = new Random(2);
        for (int trial = 0; trial < 200; trial++)
        {
            int width = random.Next(1, 16), height = random.Next(1, 16);
            bool[] pixels = RandomMasks.Pixels(random, width, height);
            var mask = SegmentationMask.FromPixels(pixels, width, height);
            if (mask.Area == 0)
                continue;
            var (x, y) = mask.InteriorPoint;
            Assert.That(mask[(int)x, (int)y], Is.True);
            int best = Enumerable.Range(0, pixels.Length).Where(i => pixels[i]).Max(i => Clearance(pixels, width, height, i % width, i / width));
            Assert.That(Clearance(pixels, width, height, (int)x, (int)y), Is.EqualTo(best));
        }
    }

    [Test]
    public void InteriorPointOfAPlainBoxIsNearItsCentre()
    {
        var mask = SegmentationMask.FromBox(new(2, 10, 33, 15), 40, 30);
        Assert.That(mask.InteriorPoint, Is.EqualTo(new PixelPoint(17.5f, 12.5f)));
    }

    [Test]
    public void EmptyMaskHasNoBoxAndNoInteriorPoint()
    {
        var mask = SegmentationMask.Empty(5, 4);
        Assert.That(mask.Area, Is.Zero);
        Assert.That(mask.Box, Is.EqualTo(default(BoundingBox)));
        Assert.That(mask.InteriorPoint.X, Is.NaN);
        Assert.That(mask.IntersectionOverUnion(SegmentationMask.Empty(5, 4)), Is.EqualTo(1));
        Assert.That(mask.Dice(SegmentationMask.FromBox(new(0, 0, 5, 4), 5, 4)), Is.Zero);
    }

    [TestCase(1.4f, 0f, 3.6f, 2f, 1, 0, 4, 2)]
    [TestCase(1.5f, 0.5f, 3.5f, 2.5f, 1, 0, 3, 2)]
    [TestCase(1.6f, -9f, 99f, 99f, 2, 0, 6, 5)]
    public void BoxTakesThePixelsWhoseCentreItHolds(float x0, float y0, float x1, float y1, int left, int top, int right, int bottom)
    {
        var mask = SegmentationMask.FromBox(new(x0, y0, x1, y1), 6, 5);
        Assert.That(mask.Box, Is.EqualTo(new BoundingBox(left, top, right, bottom)));
        Assert.That(mask.Area, Is.EqualTo((right - left) * (bottom - top)));
    }

    [TestCase(3f, 1f, 3f, 4f)]
    [TestCase(3f, 1f, 2f, 4f)]
    [TestCase(float.NaN, 1f, 2f, 4f)]
    [TestCase(50f, 1f, 60f, 4f)]
    public void BoxWithoutPixelsGivesAnEmptyMask(float x0, float y0, float x1, float y1)
    {
        Assert.That(SegmentationMask.FromBox(new(x0, y0, x1, y1), 6, 5), Is.EqualTo(SegmentationMask.Empty(6, 5)));
    }

    [Test]
    public void MasksOfDifferentImagesCannotBeCompared()
    {
        SegmentationMask wide = SegmentationMask.Empty(6, 4), high = SegmentationMask.Empty(4, 6);
        Assert.That(() => wide.IntersectionArea(high), Throws.ArgumentException.With.Message.Contains("6 x 4").And.Message.Contains("4 x 6"));
        Assert.That(wide, Is.Not.EqualTo(high));
    }

    [Test]
    public void WrongLengthsAndPlacesAreRefused()
    {
        Assert.That(() => SegmentationMask.FromPixels(new bool[5], 2, 3), Throws.ArgumentException);
        Assert.That(() => SegmentationMask.Empty(2, 3).CopyTo(new bool[7]), Throws.ArgumentException);
        Assert.That(() => SegmentationMask.Empty(0, 3), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => SegmentationMask.Empty(100_000, 100_000), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("100000 x 100000"));
        Assert.That(() => SegmentationMask.Empty(2, 3)[2, 0], Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => SegmentationMask.Empty(2, 3)[0, -1], Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private static BoundingBox BoxOf(bool[] pixels, int width)
    {
        int[] inside = [.. Enumerable.Range(0, pixels.Length).Where(i => pixels[i])];
        return inside.Length == 0 ? default : new(
            inside.Min(i => i % width), inside.Min(i => i / width), inside.Max(i => i % width) + 1, inside.Max(i => i / width) + 1);
    }

    private static int Clearance(bool[] pixels, int width, int height, int x, int y)
    {
        int nearest = int.MaxValue;
        for (int v = -1; v <= height; v++)
            for (int u = -1; u <= width; u++)
            {
                bool inside = u >= 0 && v >= 0 && u < width && v < height && pixels[v * width + u];
                if (!inside)
                    nearest = Math.Min(nearest, Math.Abs(u - x) + Math.Abs(v - y));
            }
        return nearest;
    }
}
