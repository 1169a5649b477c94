using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Imaging;

/// <summary>Photographs that lie as their camera was held, under annotations that lie as viewers show them or as they are stored.</summary>
public class OrientationTests
{
    private const int Block = 16;
    private DataSetTestFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    // Three blocks in a row and two below each other, of six levels of grey: a d / b e / c f when read down the columns.
    private static byte[] Photograph(string folder, int columns = 3, int rows = 2)
    {
        var image = new RgbImage(columns * Block, rows * Block);
        for (int y = 0; y < image.Height; y++)
            for (int x = 0; x < image.Width; x++)
                image.Pixels.AsSpan(3 * (y * image.Width + x), 3).Fill((byte)(40 * (y / Block * columns + x / Block)));
        string path = Path.Combine(folder, "plain.jpg");
        image.Save(path);
        return File.ReadAllBytes(path);
    }

    private static string Blocks(RgbImage image) => string.Join('/', Enumerable.Range(0, image.Height / Block).Select(row => string.Concat(
        Enumerable.Range(0, image.Width / Block).Select(column => (char)('a' + (image.Pixels[3 * ((row * Block + Block / 2) * image.Width + column * Block + Block / 2)] + 20) / 40)))));

    // Stored as abc/def. What a viewer shows, worked out from the table of the tag: where the stored first row and column are seen.
    [TestCase(1, "abc/def")]
    [TestCase(2, "cba/fed")]
    [TestCase(3, "fed/cba")]
    [TestCase(4, "def/abc")]
    [TestCase(5, "ad/be/cf")]
    [TestCase(6, "da/eb/fc")]
    [TestCase(7, "fc/eb/da")]
    [TestCase(8, "cf/be/ad")]
    [TestCase(9, "abc/def")]
    [TestCase(0, "abc/def")]
    public void APhotographIsTurnedAsViewersTurnIt(int orientation, string seen)
    {
        foreach (bool isLittle in new[] { false, true })
        {
            string path = _folder.Write("a.jpg", TestExif.Insert(Photograph(_folder.Path), (ushort)orientation, isLittle));
            Assert.That(Blocks(RgbImage.Load(path)), Is.EqualTo(seen));
            using FileStream stream = File.OpenRead(path);
            Assert.That(RgbImage.SizeFromHeader(stream), Is.EqualTo((3 * Block, 2 * Block)), "as stored");
            using MLImage opened = ImageFile.Open(path);
            Assert.That(Blocks(RgbImage.FromMLImage(opened)), Is.EqualTo(seen));
        }
    }

    [TestCase(2 * Block, 3 * Block, "da/eb/fc")]
    [TestCase(3 * Block, 2 * Block, "abc/def")]
    public void ThePictureLiesAsItsAnnotationsSay(int width, int height, string seen)
    {
        Coco(TestExif.Insert(Photograph(_folder.Path), 6), width, height);
        SegmentationDataSet data = DataSetFinder.Open(_folder.Path);
        IDataView view = new MLContext().DrSeg().Data.Load(_folder.Path);
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        cursor.MoveNext();
        MLImage image = null!;
        cursor.GetGetter<MLImage>(view.Schema["Image"])(ref image);
        SegmentationMask mask = null!;
        cursor.GetGetter<SegmentationMask>(view.Schema["Mask"])(ref mask);
        Assert.That(Blocks(RgbImage.FromMLImage(image)), Is.EqualTo(seen));
        Assert.That((image.Width, image.Height), Is.EqualTo((mask.Width, mask.Height)));
        var found = DataSetInspection.Of(data);
        Assert.That((found.ProblemCount, found.Turned, found.TurnedByHabit), Is.EqualTo((0L, width < height ? 1L : 0L, 0L)));
    }

    // Nothing tells how the annotations of a square lie, nor those of a picture upside down: viewers decide, and the inspection says so.
    [TestCase(6, 2, 2)]
    [TestCase(3, 3, 2)]
    public void WhereSizesDoNotTellViewersDecide(int orientation, int columns, int rows)
    {
        Coco(TestExif.Insert(Photograph(_folder.Path, columns, rows), (ushort)orientation), columns * Block, rows * Block);
        AnnotatedQuery row = DataSetFinder.Open(_folder.Path).Read().Single();
        Assert.That(Blocks(RgbImage.Load(row.ImagePath, (row.Mask.Width, row.Mask.Height))), Is.EqualTo(orientation == 6 ? "ca/db" : "fed/cba"));
        var found = DataSetInspection.Of(DataSetFinder.Open(_folder.Path));
        Assert.That((found.ProblemCount, found.Turned, found.TurnedByHabit), Is.EqualTo((0L, 1L, 1L)));
    }

    [Test]
    public void AnnotationsOfAnotherSizeAreAnErrorWithBoth()
    {
        Coco(TestExif.Insert(Photograph(_folder.Path), 6), 64, 64);
        AnnotatedQuery row = DataSetFinder.Open(_folder.Path).Read().Single();
        Assert.That(() => RgbImage.Load(row.ImagePath, (64, 64)), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("32 x 48 pixels (48 x 32 as stored)").And.Message.Contains("64 x 64").And.Message.Contains("a.jpg"));
        Assert.That(DataSetInspection.Of(DataSetFinder.Open(_folder.Path)).Problems.Single(), Does.Contain("64 x 64"));
    }

    // Masks, label maps and outlines in shares of the picture have no other size than their own, or none.
    [Test]
    public void MasksMayLieEitherWay()
    {
        _folder.Write("images/a.jpg", TestExif.Insert(Photograph(_folder.Path), 8));
        _folder.Mask("masks/dog/a.png", SegmentationMask.FromBox(new(0, 0, 5, 5), 2 * Block, 3 * Block));
        _folder.Mask("masks/cat/a.png", SegmentationMask.FromBox(new(0, 0, 5, 5), 3 * Block, 2 * Block));
        Assert.That(DataSetFinder.Open(_folder.Path).Read().Select(row => Blocks(RgbImage.Load(row.ImagePath, (row.Mask.Width, row.Mask.Height)))), Is.EqualTo(new[] { "abc/def", "cf/be/ad" }));
    }

    // A directory that lies beyond its segment, entries without end, a length that is a lie, a note cut off.
    [Test]
    public void DamagedNotesAreNone()
    {
        byte[] plain = Photograph(_folder.Path), noted = TestExif.Insert(plain, 6);
        var random = new Random(1);
        for (int trial = 0; trial < 500; trial++)
        {
            byte[] damaged = [.. noted];
            for (int i = 0; i < 3; i++)
                damaged[random.Next(12, 50)] = (byte)random.Next(256);
            Assert.That(ImageHeader.Read(new MemoryStream(damaged))!.Value, Has.Property("Orientation").InRange(1, 8).And.Property("Width").EqualTo(3 * Block));
        }
        for (int length = 0; length < 60; length++)
            Assert.That(() => ImageHeader.Read(new MemoryStream(noted[..length])), Throws.Nothing);
    }

    [Test]
    public void APictureOfABillionPixelsIsRefusedUndecoded()
    {
        string path = _folder.Write("a.png", TestPng.Encode(40_000, 25_000, 8, 0, new byte[25]));
        long before = GC.GetTotalAllocatedBytes();
        Assert.That(() => RgbImage.Load(path), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("40000 x 25000"));
        Assert.That(GC.GetTotalAllocatedBytes() - before, Is.LessThan(10_000_000));
    }

    [TestCase("II*\0", "TIFF")]
    [TestCase("\0\0\0\u0018ftypheic", "HEIC")]
    [TestCase("version https://git-lfs.github.com/spec/v1", "git lfs pull")]
    [TestCase("<!DOCTYPE html>", "HTML")]
    [TestCase("", "empty")]
    public void WhatIsNoPictureIsNamed(string beginning, string named) =>
        Assert.That(() => RgbImage.Load(_folder.Write("a.jpg", [.. beginning.Select(letter => (byte)letter)])), Throws.InstanceOf<InvalidDataException>().With.Message.Contains(named).And.Message.Contains("a.jpg"));

    private void Coco(byte[] photograph, int width, int height)
    {
        _folder.Write("images/a.jpg", photograph);
        _folder.Write("instances.json", $$"""
            {"images": [{"id": 1, "file_name": "a.jpg", "width": {{width}}, "height": {{height}}}], "categories": [{"id": 1, "name": "dog"}],
             "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[1, 1, 9, 1, 9, 9, 1, 9]]}]}
            """);
    }
}
