using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Tests.Masks;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Datasets;

public class ReferringTests
{
    private DataSetTestFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    private void WriteRefCoco()
    {
        _folder.Write("instances.json", """
            {"images": [{"id": 7, "file_name": "seven.png", "width": 4, "height": 3}], "categories": [{"id": 2, "name": "dog"}],
             "annotations": [{"id": 11, "image_id": 7, "category_id": 2, "segmentation": [[1, 0, 3, 0, 3, 2, 1, 2]]},
                             {"id": 12, "image_id": 7, "category_id": 2, "segmentation": {"size": [3, 4], "counts": [9, 3]}}]}
            """);
        _folder.Write("refs.json", """
            [{"ref_id": 1, "ann_id": 11, "image_id": 7, "split": "val", "category_id": 2, "sentences": [{"sent": "the upper dog"}, {"sent": "not the right one"}]},
             {"ref_id": 2, "ann_id": [11, 12], "image_id": 7, "split": "testA", "sentences": [{"sent": "both"}]},
             {"ref_id": 3, "ann_id": [-1], "image_id": 7, "split": "testA", "category_id": 2, "sentences": [{"sent": "the flying dog"}]}]
            """);
    }

    [Test]
    public void EverySentenceIsARow()
    {
        WriteRefCoco();
        SegmentationDataSet Open(DataSetOptions options) => DataSetFinder.Open(_folder.Path, options);
        AnnotatedQuery[] rows = [.. Open(new() { IncludeAbsent = true }).Read()];
        Assert.That(rows.Select(row => (row.Query, row.Mask.Area, row.Category.Name, row.Traits)), Is.EqualTo(new[]
        {
            ("the upper dog", 4L, "dog", QueryTraits.None), ("not the right one", 4L, "dog", QueryTraits.None),
            ("both", 7L, "dog", QueryTraits.None), ("the flying dog", 0L, "dog", QueryTraits.Absent),
        }));
        Assert.That(Open(new() { Split = "val" }).Read().Count(), Is.EqualTo(2));
        Assert.That(Open(new() { Split = "testA" }).Read().Count(), Is.EqualTo(1));
    }

    [TestCase("\"ann_id\": 11", "\"ann_id\": 99", "no annotation 99")]
    [TestCase("\"image_id\": 7, \"split\": \"val\"", "\"image_id\": 8, \"split\": \"val\"", "no image 8")]
    [TestCase("{\"sent\": \"both\"}", "{\"raw\": \"both\"}", "'sent' is missing")]
    public void DamageIsAnErrorThatNamesFileAndPlace(string whole, string damaged, string complaint)
    {
        WriteRefCoco();
        _folder.Write("refs.json", File.ReadAllText(_folder["refs.json"]).Replace(whole, damaged));
        Assert.That(() => DataSetFinder.Open(_folder.Path).Read().Count(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("refs.json").And.Message.Contains(complaint));
    }

    [Test]
    public void OutlinedTargetsAnswerSentences()
    {
        _folder.Image("a.png", 5, 4);
        _folder.Write("a.json", """
            {"text": ["where to sit?", "a seat"], "is_sentence": true, "shapes": [
              {"label": "target", "points": [[1, 1], [3, 1], [3, 3], [1, 3]]}, {"label": "ignore", "points": [[0, 0], [1, 0], [1, 1]]}, {"label": "target", "points": [[4, 0], [5, 0], [5, 4], [4, 4]]}]}
            """);
        AnnotatedQuery[] rows = [.. DataSetFinder.Open(_folder.Path).Read()];
        Assert.That(rows.Select(row => row.Query), Is.EqualTo(new[] { "where to sit?", "a seat" }));
        Assert.That(rows[0].Mask, Is.EqualTo(RandomMasks.Where(5, 4, (x, y) => x == 4 || (x is 1 or 2 && y is 1 or 2))));
        Assert.That(rows[0].Objects, Has.Count.EqualTo(2));
    }

    [Test]
    public void APolygonAroundPixelsGivesThemBack()
    {
        var random = new Random(9);
        for (int trial = 0; trial < 200; trial++)
        {
            int width = random.Next(1, 20), height = random.Next(1, 20);
            var mask = SegmentationMask.FromPixels(RandomMasks.Pixels(random, width, height), width, height);
            if (mask.Area > 0)
                Assert.That(SegmentationMask.FromPolygons([[.. mask.ToPolygon().SelectMany(point => new double[] { point.X, point.Y })]], width, height), Is.EqualTo(mask));
        }
    }

    [Test]
    public void FoldersOfMasksAnswerTheirNames()
    {
        _folder.Image("images/a.png", 4, 2);
        _folder.Image("images/b.png", 4, 2);
        _folder.Mask("masks/red fox/a.png", RandomMasks.Where(4, 2, (x, _) => x == 0));
        _folder.Mask("masks/red fox/b.png", SegmentationMask.Empty(4, 2));
        _folder.Mask("masks/a.png", RandomMasks.Where(4, 2, (_, y) => y == 0));
        SegmentationDataSet Open(DataSetOptions options) => DataSetFinder.Open(_folder.Path, options);
        Assert.That(Open(new() { IncludeAbsent = true }).Read().Select(row => (row.ImageId, row.Query, row.Mask.Area)), Is.EqualTo(new[]
        {
            ("a", "object", 4L), ("a", "red fox", 2L), ("b", "red fox", 0L),
        }));
        Assert.That(Open(new()).Read().Count(), Is.EqualTo(2));
        _folder.Mask("masks/a.png", SegmentationMask.Empty(3, 2));
        Assert.That(() => Open(new()).Read().Count(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("3 x 2").And.Message.Contains("a.png"));
    }

    private sealed class Row
    {
        public string ImageId { get; set; } = "";
        public string ImagePath { get; set; } = "";
        public string Query { get; set; } = "";
        public string CategoryId { get; set; } = "";

        [SegmentationMaskType]
        public SegmentationMask Mask { get; set; } = null!;

        [SegmentationMaskListType]
        public SegmentationMaskList Masks { get; set; } = null!;

        public float[] Boxes { get; set; } = [];
        public string[] ObjectIds { get; set; } = [];
        public double[] Areas { get; set; } = [];
        public int[] ObjectTraits { get; set; } = [];
        public int Traits { get; set; }
    }

    [Test]
    public void AViewHasAColumnForEverythingAndImagesOnlyWhereAskedFor()
    {
        WriteRefCoco();
        var mlContext = new MLContext();
        IDataView view = mlContext.DrSeg().Data.Load(_folder.Path, new() { Split = "testA", IncludeAbsent = true });
        // There is no image file: nothing but the column Image needs it.
        Row[] rows = [.. mlContext.Data.CreateEnumerable<Row>(view, reuseRowObject: false)];
        Assert.That(rows.Select(row => row.Query), Is.EqualTo(new[] { "both", "the flying dog" }));
        Assert.That(rows[0].Boxes, Is.EqualTo(new float[] { 1, 0, 3, 2, 3, 0, 4, 3 }));
        Assert.That(rows[0].ObjectIds, Is.EqualTo(new[] { "11", "12" }));
        Assert.That(rows[0].Areas, Is.EqualTo(new double[] { 4, 3 }));
        Assert.That(rows[0].Masks.Select(mask => mask!.Area), Is.EqualTo(new[] { 4, 3 }));
        Assert.That((rows[1].Masks.Count, rows[1].Boxes.Length, rows[1].Traits), Is.EqualTo((0, 0, (int)QueryTraits.Absent)));

        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["Image"]]);
        var getter = cursor.GetGetter<MLImage>(view.Schema["Image"]);
        MLImage? image = null;
        Assert.That(cursor.MoveNext(), Is.True);
        Assert.That(() => getter(ref image!), Throws.InstanceOf<FileNotFoundException>().With.Message.Contains("seven.png"));
        _folder.Image("images/seven.png", 4, 3);
    }

    [Test]
    public void WhatIsNoDataSetOrSeveralIsAnError()
    {
        Assert.That(() => DataSetFinder.Open(_folder.Path), Throws.InstanceOf<IOException>().With.Message.Contains("No data set"));
        Assert.That(() => DataSetFinder.Open(_folder["none"]), Throws.InstanceOf<IOException>().With.Message.Contains("none"));
        const string Json = """{"images": [{"id": 1, "file_name": "a.png", "width": 1, "height": 1}], "categories": [{"id": 1, "name": "dog"}], "annotations": []}""";
        _folder.Write("annotations/instances_train.json", Json);
        _folder.Write("annotations/instances_val.json", Json);
        Assert.That(() => DataSetFinder.Open(_folder.Path), Throws.InstanceOf<IOException>().With.Message.Contains("Several").And.Message.Contains("instances_val.json"));
        Assert.That(DataSetFinder.Open(_folder.Path, new() { Split = "val" }).Read(), Is.Empty);
    }
}
