using Microsoft.ML.DrSeg.Imaging;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class ImagePatchesTests
{
    private static readonly ImageProcessing Processing = new(
        14, 2, 2, 3136, 12845056, [0.48145466f, 0.4578275f, 0.40821073f], [0.26862954f, 0.26130258f, 0.27577711f], ResamplingFilter.Bicubic);

    [TestCase("Qwen2VLImageProcessor.pixel_values", 1e-6)]
    [TestCase("Qwen2VLImageProcessorFast.pixel_values", 0.016)]
    public void TheReferencesPatchesAreMet(string name, double tolerance)
    {
        var patches = ImagePatches.Of(ProcessorReference.Picture("picture0"), new SmartSizing(), Processing);
        Assert.That(patches.Grid, Is.EqualTo(new PatchGrid(4, 12)));
        Assert.That((patches.Grid.Patches, patches.Grid.Merged(2).Patches), Is.EqualTo((48, 12)));
        float[] expected = ProcessorReference.Numbers(name);
        Assert.That(patches.Values, Has.Length.EqualTo(expected.Length));
        Assert.That(patches.Values.Zip(expected, (value, wanted) => Math.Abs(value - wanted)).Max(), Is.LessThanOrEqualTo(tolerance));
    }

    [Test]
    public void EveryPixelLiesWhereItsPatchIs()
    {
        // Each pixel of the 4 x 6 patches of 1 pixel says its patch; blocks of 2 x 2 follow each other.
        var image = new RgbImage(6, 4);
        for (int i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)(i / 3);
        var processing = new ImageProcessing(1, 1, 2, 1, 1000, [0, 0, 0], [1 / 255f, 1 / 255f, 1 / 255f], ResamplingFilter.Bicubic);
        float[] values = ImagePatches.Of(image, new FixedSizing(new(6, 4)), processing).Values;
        int[] order = [0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11, 12, 13, 18, 19, 14, 15, 20, 21, 16, 17, 22, 23];
        Assert.That(values.Chunk(3).Select(patch => (int)Math.Round(patch[0])), Is.EqualTo(order));
    }

    [TestCase(1, 100)]
    [TestCase(100, 1)]
    [TestCase(1, 1)]
    public void ThinImagesHavePatches(int width, int height)
    {
        var patches = ImagePatches.Of(new RgbImage(width, height), new SmartSizing(), Processing);
        Assert.That(patches.Grid.Merged(2).Patches, Is.GreaterThan(0));
        Assert.That(patches.Values, Has.Length.EqualTo(patches.Grid.Patches * 1176).And.All.InRange(-1.8f, -1.4f));
    }
}
