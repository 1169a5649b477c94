using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Tests.Masks;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Datasets;

public class CocoFamilyTests
{
    private DataSetTestFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    // An image of 4 columns and 3 rows. Annotation 1: a polygon around columns 1 and 2 of rows 0 and 1. Annotation 2: runs
    // 9, 3 column by column, the last column, a crowd. Annotation 3: the same mask compressed ("9" is 9 + 48, "3" is 3 + 48).
    // Annotations come first, as they may.
    private const string Instances = """
        {"info": {"nested": [[1, {"a": 2}]]},
         "annotations": [
          {"id": 3, "image_id": 7, "category_id": 5, "segmentation": {"size": [3, 4], "counts": "93"}},
          {"id": 1, "image_id": 7, "category_id": 2, "segmentation": [[1, 0, 3, 0, 3, 2, 1, 2]], "bbox": [1, 0, 2, 2], "area": 4.5, "iscrowd": 0},
          {"id": 2, "image_id": 7, "category_id": 2, "segmentation": {"size": [3, 4], "counts": [9, 3]}, "bbox": [3, 0, 1, 3], "area": 3, "iscrowd": 1}],
         "categories": [{"id": 2, "name": "dog"}, {"id": 5, "name": "cat"}, {"id": 9, "name": "cow"}],
         "images": [{"id": 7, "file_name": "seven.png", "width": 4, "height": 3}, {"id": 0, "file_name": "sub/none.png", "width": 2, "height": 2}]}
        """;

    private static readonly SegmentationMask Upper = RandomMasks.Where(4, 3, (x, y) => x is 1 or 2 && y < 2), LastColumn = RandomMasks.Where(4, 3, (x, _) => x == 3);

    [Test]
    public void InstancesAreReadInAllThreeFormsOneRowACategory()
    {
        AnnotatedQuery[] rows = [.. Coco(Instances).Read()];
        Assert.That(rows.Select(row => row.Query), Is.EqualTo(new[] { "dog", "cat" }));
        AnnotatedQuery dogs = rows[0];
        Assert.That((dogs.ImageId, dogs.Category.Id, dogs.ImagePath), Is.EqualTo(("7", "2", _folder[Path.Combine("images", "seven.png")])));
        Assert.That(dogs.Mask, Is.EqualTo(Upper.Union(LastColumn)));
        Assert.That(dogs.Objects, Is.EqualTo(new[]
        {
            new AnnotatedObject("1", Upper, new(1, 0, 3, 2), 4.5, ObjectTraits.None),
            new AnnotatedObject("2", LastColumn, new(3, 0, 4, 3), 3, ObjectTraits.Group),
        }));
        // Without bbox and area, those of the mask.
        Assert.That(rows[1].Objects, Is.EqualTo(new[] { new AnnotatedObject("3", LastColumn, new(3, 0, 4, 3), 3, ObjectTraits.None) }));
    }

    [Test]
    public void RowsCanBeChosenByCategoryAndSize()
    {
        Assert.That(Coco(Instances, new() { Categories = ["cat", "cow"] }).Read().Select(row => row.Query), Is.EqualTo(new[] { "cat" }));
        Assert.That(Coco(Instances, new() { MinArea = 4 }).Read().Select(row => row.Query), Is.EqualTo(new[] { "dog" }));
        Assert.That(Coco(Instances, new() { MaxArea = 3 }).Read().Select(row => row.Query), Is.EqualTo(new[] { "cat" }));
        Assert.That(Coco(Instances).Categories.Select(category => category.Name), Is.EqualTo(new[] { "dog", "cat", "cow" }));
    }

    [Test]
    public void CategoriesThatAnImageHasNoAnnotationOfAreAbsentFromIt()
    {
        string[] Absent(DataSetOptions options) => [.. Coco(Instances, options).Read().Where(row => row.Traits == QueryTraits.Absent).Select(row => $"{row.ImageId} {row.Query} {row.Mask.Area}")];
        Assert.That(Absent(new() { IncludeAbsent = true }), Is.EqualTo(new[] { "7 cow 0", "0 dog 0", "0 cat 0", "0 cow 0" }));
        Assert.That(Absent(new() { IncludeAbsent = true, Categories = ["dog"] }), Is.EqualTo(new[] { "0 dog 0" }));
        Assert.That(Absent(new()), Is.Empty);
    }

    [Test]
    public void LvisTellsWhatIsAbsentIncompleteAndRare()
    {
        string path = _folder.Write("lvis.json", """
            {"images": [{"id": 7, "coco_url": "http://images.cocodataset.org/val2017/000000000007.jpg", "width": 4, "height": 3,
                         "neg_category_ids": [9, 2], "not_exhaustive_category_ids": [5]}],
             "categories": [{"id": 2, "name": "dog", "frequency": "r"}, {"id": 5, "name": "cat", "frequency": "c"}, {"id": 9, "name": "cow", "frequency": "f"}],
             "annotations": [{"id": 1, "image_id": 7, "category_id": 5, "segmentation": [[1, 0, 3, 0, 3, 2, 1, 2]], "bbox": [1, 0, 2, 2], "area": 4}]}
            """);
        SegmentationDataSet data = DataSetFinder.Open(path, new() { IncludeAbsent = true });
        Assert.That(data.Layout, Is.EqualTo(DataSetLayout.Lvis));
        Assert.That(data.Read().Select(row => (row.Query, row.Traits, row.Mask.Area)), Is.EqualTo(new[]
        {
            ("cat", QueryTraits.NotExhaustive | QueryTraits.Common, 4L),
            ("cow", QueryTraits.Absent | QueryTraits.Frequent, 0L),
            ("dog", QueryTraits.Absent | QueryTraits.Rare, 0L),
        }));
        Assert.That(data.Read().First().ImagePath, Does.EndWith(Path.Combine("val2017", "000000000007.jpg")));
        Assert.That(DataSetFinder.Open(path).Read().Count(), Is.EqualTo(1));
    }

    // Segment 258 is the colour (2, 1, 0).
    [Test]
    public void PanopticSegmentsAreThePixelsOfTheirColour()
    {
        _folder.Write("panoptic.json", """
            {"images": [{"id": 7, "file_name": "seven.jpg", "width": 3, "height": 2}],
             "annotations": [{"image_id": 7, "file_name": "seven.png", "segments_info": [
               {"id": 258, "category_id": 1, "bbox": [0, 0, 1, 2], "area": 2, "iscrowd": 0}, {"id": 3, "category_id": 1, "iscrowd": 1}, {"id": 4, "category_id": 8}]}],
             "categories": [{"id": 1, "name": "dog", "isthing": 1}, {"id": 8, "name": "sky", "isthing": 0}]}
            """);
        Directory.CreateDirectory(_folder["panoptic"]);
        new LabelMap(3, 2, [258, 3, 0, 258, 4, 4]).SaveColourPng(_folder["panoptic/seven.png"]);
        AnnotatedQuery[] rows = [.. DataSetFinder.Open(_folder.Path).Read()];
        Assert.That(rows.Select(row => (row.Query, row.Traits)), Is.EqualTo(new[] { ("dog", QueryTraits.None), ("sky", QueryTraits.Stuff) }));
        Assert.That(rows[0].Objects, Is.EqualTo(new[]
        {
            new AnnotatedObject("258", RandomMasks.Where(3, 2, (x, _) => x == 0), new(0, 0, 1, 2), 2, ObjectTraits.None),
            new AnnotatedObject("3", RandomMasks.Where(3, 2, (x, y) => (x, y) == (1, 0)), new(1, 0, 2, 1), 1, ObjectTraits.Group),
        }));
        Assert.That(rows[1].Mask, Is.EqualTo(RandomMasks.Where(3, 2, (x, y) => x > 0 && y == 1)));

        new LabelMap(3, 2, [258, 3, 9, 258, 4, 4]).SaveColourPng(_folder["panoptic/seven.png"]);
        Assert.That(() => DataSetFinder.Open(_folder.Path).Read().Count(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("segment 9").And.Message.Contains("panoptic.json"));
        new LabelMap(2, 3, [258, 3, 0, 258, 4, 4]).SaveColourPng(_folder["panoptic/seven.png"]);
        Assert.That(() => DataSetFinder.Open(_folder.Path).Read().Count(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("2 x 3"));
    }

    // The same pixels in both encodings: dog (18) and grass (124), the rest unlabelled.
    [TestCase("stuffthingmaps", new[] { 17, 17, 255, 123, 123, 255 })]
    [TestCase("pixelmaps", new[] { 18, 18, 0, 124, 124, 183 })]
    public void StuffIsReadInBothEncodings(string folder, int[] labels)
    {
        _folder.Write("labels.txt", "18: dog\n124: grass\n183: other\n");
        _folder.Image("images/a.png", 3, 2);
        _folder.Labels($"{folder}/a.png", 3, 2, labels);
        SegmentationDataSet data = DataSetFinder.Open(_folder.Path);
        Assert.That(data.Layout, Is.EqualTo(DataSetLayout.CocoStuff));
        Assert.That(data.Read().Select(row => (row.Query, row.Mask, row.Traits)), Is.EqualTo(new[]
        {
            ("dog", RandomMasks.Where(3, 2, (x, y) => x < 2 && y == 0), QueryTraits.None),
            ("grass", RandomMasks.Where(3, 2, (x, y) => x < 2 && y == 1), QueryTraits.Stuff),
        }));
    }

    [Test]
    public void ALabelMapOfAnotherSizeThanItsImageIsAnError()
    {
        _folder.Write("labels.txt", "18: dog\n");
        _folder.Image("images/a.png", 3, 2);
        _folder.Labels("pixelmaps/a.png", 2, 3, 18, 18, 18, 18, 18, 18);
        Assert.That(() => DataSetFinder.Open(_folder.Path).Read().Count(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("2 x 3").And.Message.Contains("3 x 2").And.Message.Contains("a.png"));
        var skipped = new SkippedRows();
        Assert.That(DataSetFinder.Open(_folder.Path, new() { Skipped = skipped }).Read(), Is.Empty);
        Assert.That(skipped.Count, Is.EqualTo(1));
    }

    [Test]
    public void ALabelWithoutANameIsAnErrorUnlessIgnored()
    {
        string names = _folder.Write("names.json", """{"18": "dog"}""");
        _folder.Image("images/a.png", 2, 1);
        _folder.Labels("maps/a.png", 2, 1, 18, 77);
        CocoStuff Open(params int[] ignored) => new(_folder["maps"], _folder["images"], names, CocoStuffEncoding.PixelMaps, ignored);
        Assert.That(() => Open().Read().Count(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("label 77").And.Message.Contains("a.png"));
        Assert.That(Open(77).Read().Select(row => row.Query), Is.EqualTo(new[] { "dog" }));
        Assert.That(() => new CocoStuff(_folder["maps"], _folder["images"], _folder.Write("bad.txt", "18 dog\n"), CocoStuffEncoding.PixelMaps),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains("bad.txt"));
    }

    public static IEnumerable<TestCaseData> Damages()
    {
        yield return new("\"counts\": \"93\"", "\"counts\": \"9\"", "add up to 9 pixels");
        yield return new("\"counts\": \"93\"", "\"counts\": \"9~\"", "'~'");
        yield return new("\"counts\": [9, 3]", "\"counts\": [9, 99999999999]", "flow");
        yield return new("\"counts\": [9, 3]", "\"counts\": [9, 2147483647]", "beyond the image");
        yield return new("\"counts\": [9, 3]", "\"counts\": [9, -3]", "Run 1 is -3");
        yield return new("\"counts\": [9, 3]", "\"counts\": [9, 3.5]", "whole number");
        yield return new("\"size\": [3, 4], \"counts\": [9", "\"size\": [4, 3], \"counts\": [9", "[4, 3]");
        yield return new("[[1, 0, 3, 0, 3, 2, 1, 2]]", "[[1, 0, 3, 0]]", "4 coordinates");
        yield return new("[[1, 0, 3, 0, 3, 2, 1, 2]]", "[[1, 0, 3, 0, 3, 2, 1, \"NaN\"]]", "finite number");
        yield return new("[[1, 0, 3, 0, 3, 2, 1, 2]]", "[[1, 0, 3, 0, 3, 2, 1, 1e999]]", "finite number");
        yield return new("[[1, 0, 3, 0, 3, 2, 1, 2]]", "[[1, 0, 3, 0, 3, 2, 1, NaN]]", "'N' is an invalid");
        yield return new("[[1, 0, 3, 0, 3, 2, 1, 2]]", "[[1, 0, 3, 0, 3, 2, 1, Nil]]", "'N' is an invalid");
        yield return new("\"bbox\": [1, 0, 2, 2]", "\"bbox\": [1, 0, -2, 2]", "bbox [1, 0, -2, 2]");
        yield return new("\"width\": 4", "\"width\": -4", "-4 x 3");
        yield return new("\"width\": 4", "\"width\": 4000000000", "4000000000 x 3");
        yield return new("\"id\": 1, \"image_id\"", "\"id\": 1.5, \"image_id\"", "'id' must be a whole number or a text, not 1.5");
        yield return new("\"id\": 1, \"image_id\": 7", "\"id\": 1, \"image_id\": 8", "no image 8");
        yield return new("\"category_id\": 5", "\"category_id\": 6", "no category 6");
        yield return new("\"category_id\": 5", "\"category_id\": false", "'category_id' must be");
        yield return new("seven.png", "../../etc/passwd", "leads out of the folder");
        yield return new("seven.png", "/etc/passwd", "leads out of the folder");
        yield return new("\"id\": 9, \"name\"", "\"id\": 5, \"name\"", "occurs twice");
        yield return new("{\"id\": 7, ", "{\"id\": 7, \"deep\": " + new string('[', 100_000) + new string(']', 100_000) + ", ", "depth");
    }

    [TestCaseSource(nameof(Damages))]
    public void DamageIsAnErrorThatNamesFileAndPlace(string whole, string damaged, string complaint)
    {
        Assert.That(Instances, Does.Contain(whole));
        Assert.That(() => Coco(Instances.Replace(whole, damaged)).Read().Count(),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains(complaint).And.Message.Contains("instances.json").And.Message.Contains("byte"));
    }

    [Test]
    public void TruncatedJsonIsAnErrorWhereverItEnds()
    {
        for (int length = 0; length < Instances.Length - 1; length += 7)
            Assert.That(() => Coco(Instances[..length]).Read().Count(), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("instances.json"), $"{length} characters");
    }

    [Test]
    public void DamagedRowsAreSkippedAndCountedOnce()
    {
        var skipped = new SkippedRows();
        _folder.Image("images/seven.png", 4, 3);
        CocoInstances data = Coco(Instances.Replace("\"93\"", "\"9\""), new() { Skipped = skipped });
        Assert.That(data.Read().Select(row => row.Query), Is.EqualTo(new[] { "dog" }));
        Assert.That(data.Read().Count(), Is.EqualTo(1));
        Assert.That(skipped.Count, Is.EqualTo(1));
        Assert.That(skipped.Problems.Single(), Does.Contain("instances.json").And.Contain("add up to 9 pixels"));

        // Where a number is none, as Python writes it: its row alone is lost.
        var none = new SkippedRows();
        Assert.That(Coco(Instances.Replace("3, 2, 1, 2]]", "3, NaN, -Infinity, Infinity]]"), new() { Skipped = none }).Read().Select(row => row.Query), Is.EqualTo(new[] { "cat" }));
        Assert.That(none.Problems.Single(), Does.Contain("annotation at byte"));
        data = Coco(Instances.Replace("\"93\"", "\"9\""), new() { Skipped = skipped });

        // Where a file is missing too.
        File.Delete(_folder["images/seven.png"]);
        Assert.That(data.Read().Count(), Is.Zero);
        Assert.That(skipped.Problems[1], Does.Contain("seven.png"));
    }

    private CocoInstances Coco(string json, DataSetOptions? options = null) => new(_folder.Write("instances.json", json), _folder["images"], options);
}
