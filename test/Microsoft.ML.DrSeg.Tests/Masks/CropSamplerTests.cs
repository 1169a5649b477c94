using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Masks;

public class CropSamplerTests
{
    [Test]
    public void AViewOfTheWholeImageAtItsOwnSizeIsTheImage()
    {
        var image = RandomImage(new Random(1), 17, 17);
        var view = new float[3 * 17 * 17];
        CropSampler.Sample(image, new(0, 0, 17, 17), 17, view);
        for (int i = 0; i < 17 * 17; i++)
            for (int c = 0; c < 3; c++)
                Assert.That(view[c * 17 * 17 + i], Is.EqualTo(image.Pixels[3 * i + c] / 255f).Within(1e-6));
    }

    [Test]
    public void RandomViewsAgreeWithTheDefinition()
    {
        var random = new Random(2);
        for (int trial = 0; trial < 120; trial++)
        {
            int width = random.Next(1, 70), height = random.Next(1, 70), size = random.Next(1, 24);
            var image = RandomImage(random, width, height);
            var pixels = RandomPixels(random, width, height);
            var region = RandomRegion(random, width, height);
            float[] view = new float[3 * size * size], coverage = new float[size * size];
            CropSampler.Sample(image, region, size, view);
            CropSampler.Sample(SegmentationMask.FromPixels(pixels, width, height), region, size, coverage);
            for (int i = 0; i < size; i++)
                for (int j = 0; j < size; j++)
                {
                    for (int c = 0; c < 3; c++)
                    {
                        double colour = Oracle(region, size, width, height, i, j, 0.5, (x, y) => image.Pixels[3 * (y * width + x) + c] / 255.0);
                        Assert.That(view[(c * size + i) * size + j], Is.EqualTo(colour).Within(1e-4), $"{region} of {width} x {height} at {size}");
                    }
                    double covered = Oracle(region, size, width, height, i, j, 0, (x, y) => pixels[y * width + x] ? 1 : 0);
                    Assert.That(coverage[i * size + j], Is.EqualTo(covered).Within(1e-4), $"{region} of {width} x {height} at {size}");
                }
        }
    }

    [Test]
    public void HalvingAveragesBlocksOfFour()
    {
        var image = new RgbImage(2, 2, [10, 0, 255, 20, 0, 255, 30, 0, 255, 40, 4, 255]);
        var view = new float[3];
        CropSampler.Sample(image, new(0, 0, 2, 2), 1, view);
        Assert.That(view, Is.EqualTo(new[] { 25 / 255f, 1 / 255f, 1f }).Within(1e-6));
    }

    [Test]
    public void BeyondTheImageAllIsGreyAndUnmasked()
    {
        var view = new float[3 * 4 * 4];
        CropSampler.Sample(new RgbImage(8, 8), new(100, 100, 110, 110), 4, view);
        Assert.That(view, Is.All.EqualTo(0.5f));
        CropSampler.Sample(new RgbImage(8, 8), new(-2, 0, -1, 1), 4, view);
        Assert.That(view, Is.All.EqualTo(0.5f));
        var coverage = new float[16];
        CropSampler.Sample(SegmentationMask.FromBox(new(0, 0, 8, 8), 8, 8), new(100, 0, 103, 3), 4, coverage);
        Assert.That(coverage, Is.All.Zero);
    }

    [Test]
    public void PastingAViewOfAMaskBackGivesTheMask()
    {
        var random = new Random(3);
        var pixels = RandomPixels(random, 40, 30);
        var mask = SegmentationMask.FromPixels(pixels, 40, 30);
        var view = new float[40 * 40];
        CropSampler.Sample(mask, new(0, 0, 40, 40), 40, view); // one view pixel for each pixel of the image
        for (int i = 0; i < view.Length; i++)
            view[i] -= 0.5f;
        Assert.That(CropSampler.Paste(view, 40, new(0, 0, 40, 40), 40, 30), Is.EqualTo(mask));
    }

    [Test]
    public void PastingInterpolatesLogits()
    {
        var random = new Random(4);
        for (int trial = 0; trial < 100; trial++)
        {
            int width = random.Next(1, 40), height = random.Next(1, 40), size = random.Next(1, 12);
            float[] logits = [.. Enumerable.Range(0, size * size).Select(_ => random.NextSingle() * 2 - 1)];
            var region = RandomRegion(random, width, height);
            var mask = CropSampler.Paste(logits, size, region, width, height);
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                {
                    if (x + 0.5 < region.X0 || x + 0.5 >= region.X1 || y + 0.5 < region.Y0 || y + 0.5 >= region.Y1)
                    {
                        Assert.That(mask[x, y], Is.False);
                        continue;
                    }
                    double u = Math.Clamp((x + 0.5 - region.X0) / region.Width * size - 0.5, 0, size - 1);
                    double v = Math.Clamp((y + 0.5 - region.Y0) / region.Height * size - 0.5, 0, size - 1);
                    double logit = 0;
                    for (int i = 0; i < size; i++)
                        for (int j = 0; j < size; j++)
                            logit += logits[i * size + j] * Math.Max(0, 1 - Math.Abs(i - v)) * Math.Max(0, 1 - Math.Abs(j - u));
                    if (Math.Abs(logit) > 1e-4)
                        Assert.That(mask[x, y], Is.EqualTo(logit > 0));
                }
        }
    }

    [TestCase(3f, 3f, 3f, 5f)]
    [TestCase(3f, 3f, float.NaN, 5f)]
    [TestCase(0f, 3f, float.PositiveInfinity, 5f)]
    public void EmptyAndEndlessRegionsAreRefused(float x0, float y0, float x1, float y1)
    {
        var region = new BoundingBox(x0, y0, x1, y1);
        Assert.That(() => CropSampler.Sample(new RgbImage(8, 8), region, 4, new float[48]), Throws.ArgumentException);
        Assert.That(() => CropSampler.Sample(SegmentationMask.Empty(8, 8), region, 4, new float[16]), Throws.ArgumentException);
        Assert.That(() => CropSampler.Paste(new float[16], 4, region, 8, 8), Throws.ArgumentException);
    }

    [Test]
    public void ADestinationOfAnotherLengthIsRefused()
    {
        Assert.That(() => CropSampler.Sample(new RgbImage(8, 8), new(0, 0, 8, 8), 4, new float[47]), Throws.ArgumentException.With.Message.Contains("47"));
    }

    // The definition, one output pixel at a time: area average where the axis shrinks, linear interpolation where it grows.
    private static double Oracle(BoundingBox region, int size, int width, int height, int i, int j, double outside, Func<int, int, double> value)
    {
        double[] rows = Weights(region.Y0, region.Height, size, i, height), columns = Weights(region.X0, region.Width, size, j, width);
        double sum = outside * (1 - rows.Sum() * columns.Sum());
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                if (rows[y] * columns[x] != 0)
                    sum += rows[y] * columns[x] * value(x, y);
        return sum;
    }

    private static double[] Weights(double start, double length, int size, int position, int side)
    {
        double step = length / size, centre = start + (position + 0.5) * step;
        var weights = new double[side];
        if (step >= 1)
        {
            for (int x = 0; x < side; x++)
                weights[x] = Math.Max(0, Math.Min(centre + step / 2, x + 1) - Math.Max(centre - step / 2, x)) / step;
        }
        else if (centre >= 0 && centre < side)
        {
            double held = Math.Clamp(centre, 0.5, side - 0.5);
            for (int x = 0; x < side; x++)
                weights[x] = Math.Max(0, 1 - Math.Abs(x + 0.5 - held));
        }
        return weights;
    }

    private static BoundingBox RandomRegion(Random random, int width, int height)
    {
        float x = (random.NextSingle() * 1.6f - 0.4f) * width, y = (random.NextSingle() * 1.6f - 0.4f) * height;
        return new(x, y, x + 0.3f + random.NextSingle() * 1.5f * width, y + 0.3f + random.NextSingle() * 1.5f * height);
    }

    private static RgbImage RandomImage(Random random, int width, int height)
    {
        var image = new RgbImage(width, height);
        random.NextBytes(image.Pixels);
        return image;
    }

    private static bool[] RandomPixels(Random random, int width, int height) =>
        [.. Enumerable.Range(0, width * height).Select(_ => random.Next(2) == 0)];
}
