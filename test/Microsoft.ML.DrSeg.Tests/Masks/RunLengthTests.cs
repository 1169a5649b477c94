using Microsoft.ML.DrSeg.Masks;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Masks;

public class RunLengthTests
{
    // The example of pycocotools' own tests.
    private static readonly int[] KnownRuns = [6, 1, 40, 4, 5, 4, 5, 4, 21];
    private const string KnownText = "61X13mN000`0";

    [Test]
    public void CompressedRunLengthsAreThoseOfPycocotools()
    {
        var mask = SegmentationMask.FromRunLengths(KnownRuns, 10, 9);
        Assert.That(mask.ToCompressedRunLengths(), Is.EqualTo(KnownText));
        Assert.That(SegmentationMask.FromCompressedRunLengths(KnownText, 10, 9), Is.EqualTo(mask));
        Assert.That(mask.ToRunLengths(), Is.EqualTo(KnownRuns));
        // The second run is the seventh pixel from the top of the first of ten columns of nine.
        Assert.That(mask[0, 6], Is.True);
        Assert.That(mask.Area, Is.EqualTo(1 + 4 + 4 + 4));
    }

    [Test]
    public void RandomMasksSurviveBothForms()
    {
        var random = new Random(1);
        for (int trial = 0; trial < 200; trial++)
        {
            int width = random.Next(1, 80), height = random.Next(1, 80);
            var mask = SegmentationMask.FromPixels(RandomMasks.Pixels(random, width, height), width, height);
            Assert.That(SegmentationMask.FromCompressedRunLengths(mask.ToCompressedRunLengths(), width, height), Is.EqualTo(mask));
            Assert.That(SegmentationMask.FromRunLengths(mask.ToRunLengths(), width, height), Is.EqualTo(mask));
        }
    }

    [Test]
    public void RunsOfNothingArePassedOver() =>
        Assert.That(SegmentationMask.FromRunLengths([2, 0, 1, 2, 0, 1, 0], 3, 2), Is.EqualTo(SegmentationMask.FromRunLengths([3, 3], 3, 2)));

    [TestCase(new[] { 2, 3 }, "add up to 5 pixels, but an image of 3 x 2 has 6")]
    [TestCase(new[] { 2, 3, 2 }, "Run 2 of 2 pixels goes beyond the image")]
    [TestCase(new[] { 2, -1, 5 }, "Run 1 is -1")]
    [TestCase(new[] { int.MaxValue, int.MaxValue }, "Run 0 of 2147483647 pixels goes beyond")]
    [TestCase(new int[0], "0 runs add up to 0")]
    public void RunsMustMakeUpTheImage(int[] runs, string complaint) =>
        Assert.That(() => SegmentationMask.FromRunLengths(runs, 3, 2), Throws.ArgumentException.With.Message.Contains(complaint));

    [TestCase("61X13mN000`", "cut off")]
    [TestCase("61X13mN000", "add up to 69 pixels")]
    [TestCase("6 X13mN000`0", "' ' at place 1")]
    [TestCase("61X13mN000`0~", "'~' at place 12")]
    [TestCase("oooooooo0", "longer than any run")]
    [TestCase("O", "Run 0 is -1")]
    [TestCase("ooooooo", "cut off")]
    [TestCase("", "0 runs")]
    public void DamagedTextsAreRefused(string text, string complaint) =>
        Assert.That(() => SegmentationMask.FromCompressedRunLengths(text, 10, 9), Throws.ArgumentException.With.Message.Contains(complaint));

    [TestCase(-3, 2)]
    [TestCase(3, 0)]
    [TestCase(1 << 20, 1 << 20)]
    public void ImpossibleSizesAreRefused(int width, int height)
    {
        Assert.That(() => SegmentationMask.FromRunLengths([6], width, height), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => SegmentationMask.FromCompressedRunLengths("6", width, height), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => SegmentationMask.FromPolygons([[0, 0, 1, 0, 1, 1]], width, height), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
