using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Masks;

public class LabelMapTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void EveryLabelGivesTheMaskOfItsPixels()
    {
        var random = new Random(1);
        int[] labels = [.. Enumerable.Range(0, 17 * 11).Select(_ => random.Next(4) * 70_000)];
        var map = new LabelMap(17, 11, labels);
        var masks = map.Masks();
        Assert.That(masks.Keys, Is.EquivalentTo(new[] { 0, 70_000, 140_000, 210_000 }));
        foreach (var (label, mask) in masks)
            Assert.That(mask, Is.EqualTo(RandomMasks.Where(17, 11, (x, y) => labels[y * 17 + x] == label)));
        Assert.That(map.MaskOf(1), Is.EqualTo(SegmentationMask.Empty(17, 11)));
        Assert.That(LabelMap.FromMasks(masks.Select(pair => (pair.Key, pair.Value)), -1, 17, 11).Labels.ToArray(), Is.EqualTo(labels));
    }

    [Test]
    public void MapsAndMasksSurviveTheirFiles()
    {
        var random = new Random(2);
        foreach (int side in new[] { 1, 7, 8, 33 })
        {
            var grey = new LabelMap(side, side + 2, [.. Enumerable.Range(0, side * (side + 2)).Select(_ => random.Next(256))]);
            grey.SaveGreyPng(_folder.File("grey.png"));
            Assert.That(LabelMap.LoadPng(_folder.File("grey.png")).Labels.ToArray(), Is.EqualTo(grey.Labels.ToArray()));
            var colour = new LabelMap(side, side + 2, [.. Enumerable.Range(0, side * (side + 2)).Select(_ => random.Next(1 << 24))]);
            colour.SaveColourPng(_folder.File("colour.png"));
            Assert.That(LabelMap.LoadPng(_folder.File("colour.png")).Labels.ToArray(), Is.EqualTo(colour.Labels.ToArray()));
            var mask = SegmentationMask.FromPixels(RandomMasks.Pixels(random, side, side + 2), side, side + 2);
            mask.SavePng(_folder.File("mask.png"));
            Assert.That(SegmentationMask.LoadPng(_folder.File("mask.png")), Is.EqualTo(mask));
            // Other programs see white on black.
            var seen = RgbImage.Load(_folder.File("mask.png"));
            Assert.That(RandomMasks.Where(side, side + 2, (x, y) => seen.Pixels[3 * (y * side + x)] == 255), Is.EqualTo(mask));
        }
    }

    // Rows of the specification's five filters, worked out by hand: each row is 10 20 40 70 once the filter is undone.
    // Sub stores differences to the left, Up to above, Average to half of left and above, Paeth to the nearer of three.
    [Test]
    public void EveryFilterIsUndone()
    {
        byte[] rows =
        [
            0, 10, 20, 40, 70,
            1, 10, 10, 20, 30,
            2, 0, 0, 0, 0,
            3, 5, 5, 10, 15, // 10 - 10 / 2, 20 - (10 + 20) / 2, 40 - (20 + 40) / 2, 70 - (40 + 70) / 2
            4, 0, 0, 0, 0, // the nearest to left + above - corner is above, every time
        ];
        Assert.That(Load(TestPng.Encode(4, 5, 8, 0, rows)).Labels.ToArray(), Is.EqualTo(Enumerable.Repeat(new[] { 10, 20, 40, 70 }, 5).SelectMany(row => row)));
    }

    [Test]
    public void PalettePlacesAndAllBitDepthsAreKept()
    {
        Assert.That(Load(TestPng.Encode(5, 1, 1, 3, [0, 0b10110_000])).Labels.ToArray(), Is.EqualTo(new[] { 1, 0, 1, 1, 0 }));
        Assert.That(Load(TestPng.Encode(5, 1, 2, 0, [0, 0b11_10_01_00, 0b10_000000])).Labels.ToArray(), Is.EqualTo(new[] { 3, 2, 1, 0, 2 }));
        Assert.That(Load(TestPng.Encode(3, 1, 4, 3, [0, 0xF1, 0xA0])).Labels.ToArray(), Is.EqualTo(new[] { 15, 1, 10 }));
        Assert.That(Load(TestPng.Encode(2, 1, 8, 3, [0, 183, 255])).Labels.ToArray(), Is.EqualTo(new[] { 183, 255 }));
        Assert.That(Load(TestPng.Encode(2, 1, 16, 0, [0, 1, 2, 255, 255])).Labels.ToArray(), Is.EqualTo(new[] { 258, 65535 }));
        Assert.That(Load(TestPng.Encode(1, 1, 8, 6, [0, 1, 2, 3, 99])).Labels.ToArray(), Is.EqualTo(new[] { 1 + 2 * 256 + 3 * 65536 }));
        Assert.That(Load(TestPng.Encode(1, 1, 8, 4, [0, 7, 99])).Labels.ToArray(), Is.EqualTo(new[] { 7 }));
    }

    // The two pixels 0 and 1: the first or the second is inside, by the palette's colours, whatever their order.
    [TestCase(new byte[] { 0, 0, 0, 255, 255, 255 }, null, "01")]
    [TestCase(new byte[] { 255, 255, 255, 0, 0, 0 }, null, "10")]
    [TestCase(new byte[] { 0, 0, 0, 1, 1, 1 }, null, "01")]
    [TestCase(new byte[] { 0, 0, 0, 0, 0, 0 }, null, "01")]
    [TestCase(new byte[] { 200, 0, 0, 0, 9, 0 }, new byte[] { 0, 255 }, "01")]
    [TestCase(new byte[] { 200, 0, 0, 0, 9, 0 }, new byte[] { 9, 0 }, "10")]
    [TestCase(new byte[] { 200, 0, 0, 0, 9, 0 }, null, null)]
    public void OfAPaletteColoursCountAndNotTheirOrder(byte[] palette, byte[]? transparency, string? inside)
    {
        File.WriteAllBytes(_folder.File("mask.png"), TestPng.Encode(2, 1, 1, 3, [0, 0b01_000000], palette: palette, transparency: transparency));
        if (inside is null)
            Assert.That(() => SegmentationMask.LoadPng(_folder.File("mask.png")), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("none of them black").And.Message.Contains("mask.png"));
        else
            Assert.That(SegmentationMask.LoadPng(_folder.File("mask.png")), Is.EqualTo(RandomMasks.Where(2, 1, (x, _) => inside[x] == '1')));
    }

    // A cut-out has its colours under what is transparent too.
    [Test]
    public void WhatIsTransparentIsOutside()
    {
        File.WriteAllBytes(_folder.File("mask.png"), TestPng.Encode(3, 1, 8, 6, [0, 9, 9, 9, 255, 9, 9, 9, 0, 0, 0, 0, 255]));
        Assert.That(SegmentationMask.LoadPng(_folder.File("mask.png")), Is.EqualTo(RandomMasks.Where(3, 1, (x, _) => x == 0)));
        File.WriteAllBytes(_folder.File("mask.png"), TestPng.Encode(3, 1, 8, 4, [0, 9, 255, 9, 0, 0, 255]));
        Assert.That(SegmentationMask.LoadPng(_folder.File("mask.png")), Is.EqualTo(RandomMasks.Where(3, 1, (x, _) => x == 0)));
    }

    [Test]
    public void APhotographIsNoMapOfLabels()
    {
        byte[] rows = new byte[300 * 901];
        new Random(1).NextBytes(rows);
        for (int y = 0; y < 300; y++)
            rows[901 * y] = 0;
        Assert.That(() => Load(TestPng.Encode(300, 300, 8, 2, rows)).Masks(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("picture"));
    }

    public static IEnumerable<TestCaseData> HostileFiles()
    {
        byte[] whole = TestPng.Encode(4, 5, 8, 0, new byte[25]);
        yield return new(Array.Empty<byte>(), "does not begin like a PNG");
        yield return new("\xFF\xD8\xFF\xE0 a photograph"u8.ToArray(), "does not begin like a PNG");
        yield return new(whole[..40], "cut off at byte 40");
        yield return new(Changed(whole, 45), "checksum");
        yield return new(Changed(whole, 16), "checksum");
        yield return new(TestPng.Encode(4, 5, 8, 0, new byte[25], interlace: 1), "interlaced");
        yield return new(TestPng.Encode(4, 5, 16, 2, new byte[125]), "16 bits a colour");
        yield return new(TestPng.Encode(4, 5, 3, 0, new byte[25]), "3 bits is none");
        yield return new(TestPng.Encode(4, 5, 8, 0, new byte[24]), "row 4");
        yield return new(TestPng.Encode(4, 5, 8, 0, [0, 0, 0, 0, 0, 9, .. new byte[19]]), "filter 9");
        yield return new(TestPng.Encode(-4, 5, 8, 0, new byte[25]), "size of -4 x 5");
        yield return new(TestPng.Encode(16_000, 16_000, 8, 0, new byte[25]), "cannot hold 16000 x 16000");
        yield return new(TestPng.Encode(30_000, 30_000, 8, 0, new byte[25]), "size of 30000 x 30000");
        yield return new(TestPng.Encode(2_000_000, 2_000_000, 8, 0, new byte[25]), "size of 2000000 x 2000000");
    }

    [TestCaseSource(nameof(HostileFiles))]
    public void HostileFilesAreRefusedByName(byte[] file, string complaint) =>
        Assert.That(() => Load(file), Throws.InstanceOf<InvalidDataException>().With.Message.Contains(complaint).And.Message.Contains("labels.png"));

    [Test]
    public void LabelsThatDoNotFitAreRefused()
    {
        var map = new LabelMap(1, 2, [256, -1]);
        Assert.That(() => map.SaveGreyPng(_folder.File("grey.png")), Throws.InvalidOperationException.With.Message.Contains("256"));
        Assert.That(() => map.SaveColourPng(_folder.File("colour.png")), Throws.InvalidOperationException.With.Message.Contains("-1"));
        Assert.That(() => new LabelMap(2, 2, new int[3]), Throws.ArgumentException);
        Assert.That(() => LabelMap.LoadPng(_folder.File("nothing.png")), Throws.InstanceOf<FileNotFoundException>());
    }

    private LabelMap Load(byte[] file)
    {
        File.WriteAllBytes(_folder.File("labels.png"), file);
        return LabelMap.LoadPng(_folder.File("labels.png"));
    }

    private static byte[] Changed(byte[] file, int place)
    {
        byte[] changed = [.. file];
        changed[place] ^= 1;
        return changed;
    }
}
