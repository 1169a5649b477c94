using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Pipeline;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Pipeline;

/// <summary>Detections evaluated on folders as their readers give them: nothing in between.</summary>
public class DataSetEvaluationTests
{
    private const int Width = 20, Height = 10;
    private readonly MLContext _context = new(1);
    private DataSetTestFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    // The columns of a loaded data set that evaluation reads, and those that a detector adds.
    private sealed class Row
    {
        public string ImageId { get; set; } = "";
        public string Query { get; set; } = "";
        public string CategoryId { get; set; } = "";
        public int Traits { get; set; }

        [SegmentationMaskListType]
        public SegmentationMaskList Masks { get; set; } = new([]);

        public float[] Boxes { get; set; } = [];
        public double[] Areas { get; set; } = [];
        public int[] ObjectTraits { get; set; } = [];

        [SegmentationMaskListType]
        public SegmentationMaskList PredictedMask { get; set; } = new([]);

        public float[] Score { get; set; } = [];
    }

    // Left is the left half of the image, Right the right one, Corner 5 x 5 pixels of the right one.
    private static readonly SegmentationMask Left = Box(0, 0, 10, 10), Right = Box(10, 0, 20, 10), Corner = Box(15, 5, 20, 10);

    private static SegmentationMask Box(int x0, int y0, int x1, int y1) => SegmentationMask.FromBox(new(x0, y0, x1, y1), Width, Height);

    // Image 1: a dog on the left, said to be of 2000 pixels, and a crowd of dogs on the right. Image 2: a cat on the left.
    // Dogs: .9 in image 2 is wrong, .8 is right, .7 lies within the crowd and is excused: precision 1/2 at every recall.
    // Cats: .5 is right, .4 in image 1 is wrong, but comes after: 1. Among medium objects the dog of 2000 pixels is the only
    // one, and the wrong one of 100 pixels is passed over as too small: 1. Among small ones the cat: 1.
    [Test]
    public void Coco()
    {
        _folder.Write("instances.json", """
            {"images": [{"id": 1, "file_name": "1.png", "width": 20, "height": 10}, {"id": 2, "file_name": "2.png", "width": 20, "height": 10}],
             "categories": [{"id": 1, "name": "dog"}, {"id": 2, "name": "cat"}],
             "annotations": [
              {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[0, 0, 10, 0, 10, 10, 0, 10]], "bbox": [0, 0, 10, 10], "area": 2000, "iscrowd": 0},
              {"id": 2, "image_id": 1, "category_id": 1, "segmentation": {"size": [10, 20], "counts": [100, 100]}, "bbox": [10, 0, 10, 10], "area": 100, "iscrowd": 1},
              {"id": 3, "image_id": 2, "category_id": 2, "segmentation": [[0, 0, 10, 0, 10, 10, 0, 10]], "bbox": [0, 0, 10, 10], "area": 100, "iscrowd": 0}]}
            """);
        Func<Row, (SegmentationMask, float)[]> detect = row => (row.ImageId, row.Query) switch
        {
            ("1", "dog") => [(Left, .8f), (Corner, .7f)],
            ("1", "cat") => [(Right, .4f)],
            ("2", "cat") => [(Left, .5f)],
            ("2", "dog") => [(Right, .9f)],
            _ => [],
        };
        DetectionMetrics metrics = Evaluate(detect, new());
        Assert.Multiple(() =>
        {
            Assert.That(metrics.Categories.Select(one => (one.Category, one.AveragePrecision)), Is.EqualTo(new (string, double?)[] { ("1", .5), ("2", 1) }));
            Assert.That((metrics.ImageCount, metrics.SmallAveragePrecision, metrics.MediumAveragePrecision, metrics.LargeAveragePrecision), Is.EqualTo((2, 1.0, 1.0, (double?)null)));
            Assert.That(Evaluate(detect, new(), absent: false).AveragePrecision, Is.EqualTo(1), "nobody is told of dogs where there are none");
        });
    }

    // A dog on the left of each image; it is found in image 9, and missed in image 10, with the same score. Images go by their
    // numbers: right, then wrong, which is precision 1 up to a recall of one half, 51 of 101 places. As texts "10" comes before
    // "9", and the figure would be half of that.
    [TestCase("9", "10")]
    [TestCase("-10", "-9")]
    [TestCase("007", "0010")]
    [TestCase("99999999999999999999", "100000000000000000000")]
    public void TiesBetweenImagesGoByTheNumberThatAnIdIs(string found, string missed)
    {
        Row Of(string id, SegmentationMask answer) => new()
        {
            ImageId = id, CategoryId = "1", Masks = new([Left]), Boxes = [0, 0, 10, 10], Areas = [100], ObjectTraits = [0], PredictedMask = new([answer]), Score = [1],
        };
        foreach (Row[] rows in new Row[][] { [Of(found, Left), Of(missed, Right)], [Of(missed, Right), Of(found, Left)] })
            Assert.That(_context.DrSeg().Evaluate(_context.Data.LoadFromEnumerable(rows), DetectionEvaluationOptions.ForDataSet()).AveragePrecision, Is.EqualTo(51 / 101.0).Within(1e-12));
    }

    // Image 1: a dog; cats were looked for in vain. Image 2: a cat, and perhaps more of them. Dogs: 1. Cats: .9 in image 1 is
    // wrong, .8 in image 2 is passed over, .5 is right: precision 1/2.
    [Test]
    public void Lvis()
    {
        _folder.Write("lvis.json", """
            {"images": [{"id": 1, "file_name": "1.png", "width": 20, "height": 10, "neg_category_ids": [2], "not_exhaustive_category_ids": []},
                        {"id": 2, "file_name": "2.png", "width": 20, "height": 10, "neg_category_ids": [], "not_exhaustive_category_ids": [2]}],
             "categories": [{"id": 1, "name": "dog", "frequency": "f"}, {"id": 2, "name": "cat", "frequency": "r"}, {"id": 3, "name": "yak", "frequency": "c"}],
             "annotations": [
              {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[0, 0, 10, 0, 10, 10, 0, 10]], "bbox": [0, 0, 10, 10], "area": 100},
              {"id": 2, "image_id": 2, "category_id": 2, "segmentation": [[0, 0, 10, 0, 10, 10, 0, 10]], "bbox": [0, 0, 10, 10], "area": 100}]}
            """);
        DetectionMetrics metrics = Evaluate(row => (row.ImageId, row.Query) switch
        {
            ("1", "dog") => [(Left, .5f)],
            ("1", "cat") => [(Right, .9f)],
            ("2", "cat") => [(Right, .8f), (Left, .5f)],
            _ => throw new InvalidOperationException($"Nobody looked for a {row.Query} in image {row.ImageId}."),
        }, new() { Protocol = DetectionProtocol.Lvis });
        Assert.Multiple(() =>
        {
            Assert.That(metrics.AveragePrecision, Is.EqualTo(.75).Within(1e-12));
            Assert.That((metrics.FrequentAveragePrecision, metrics.RareAveragePrecision, metrics.CommonAveragePrecision), Is.EqualTo((1.0, .5, (double?)null)));
        });
    }

    // Image a: a dog on the left with a mask, and a group of dogs on the right with a box alone. Image b: a cat on the left;
    // dogs were verified to be absent. Dogs: .9 in b is wrong, .5 in a is right, .4 in a lies on the group and is excused: 1/2.
    // Cats: 1. Animals, if detections are expanded: .9 wrong, .7 and .5 right, so that precision is 1/2 and then 2/3, raised to
    // 2/3 throughout.
    [Test]
    public void OpenImages()
    {
        const string a = "000000000000000a", b = "000000000000000b";
        foreach (string image in new[] { a, b })
        {
            _folder.Image($"images/{image}.png", Width, Height);
            _folder.Mask($"masks/{image}.png", Left);
        }
        _folder.Write("class-descriptions-boxable.csv", "/m/00,Animal\n/m/01,Dog\n/m/02,Cat\n");
        _folder.Write("validation-annotations-bbox.csv", $"""
            ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside
            {a},xclick,/m/01,1,0,0.5,0,1,0,0,0,0,0
            {a},xclick,/m/01,1,0.5,1,0,1,0,0,1,0,0
            {b},xclick,/m/02,1,0,0.5,0,1,0,0,0,0,0
            """);
        _folder.Write("validation-annotations-object-segmentation.csv", $"""
            MaskPath,ImageID,LabelName,BoxID,BoxXMin,BoxXMax,BoxYMin,BoxYMax,PredictedIoU,Clicks
            {a}.png,{a},/m/01,aa,0,0.5,0,1,0.9,
            {b}.png,{b},/m/02,bb,0,0.5,0,1,0.9,
            """);
        _folder.Write("validation-annotations-human-imagelabels-boxable.csv", $"ImageID,Source,LabelName,Confidence\n{b},verification,/m/01,0\n");
        string tree = _folder.Write("bbox_labels_600_hierarchy.json", """{"LabelName": "/m/00", "Subcategory": [{"LabelName": "/m/01"}, {"LabelName": "/m/02"}]}""");
        Func<Row, (SegmentationMask, float)[]> detect = row => (row.ImageId, row.Query) switch
        {
            (a, "Dog") => [(Left, .5f), (Corner, .4f)],
            (b, "Dog") => [(Right, .9f)],
            (b, "Cat") => [(Left, .7f)],
            _ => throw new InvalidOperationException($"Nobody looked for a {row.Query} in image {row.ImageId}."),
        };
        var settings = new DetectionSettings { Protocol = DetectionProtocol.OpenImages };
        DetectionMetrics metrics = Evaluate(detect, settings);
        Assert.That(metrics.Categories.Select(one => (one.Category, one.AveragePrecision50, one.ObjectCount)), Is.EqualTo(new (string, double?, long)[] { ("/m/01", .5, 1), ("/m/02", 1, 1) }));

        settings = settings with { Hierarchy = CategoryHierarchy.Load(tree), ExpandDetections = true };
        metrics = Evaluate(detect, settings);
        Assert.That(metrics.Categories.Select(one => one.Category), Is.EqualTo(new[] { "/m/00", "/m/01", "/m/02" }));
        Assert.That(metrics.Categories.Select(one => one.AveragePrecision50!.Value), Is.EqualTo(new[] { 2 / 3.0, .5, 1 }).Within(1e-12));
        Assert.That(Evaluate(detect, settings, order: rows => rows.Reverse()).AveragePrecision50, Is.EqualTo(metrics.AveragePrecision50));
        Assert.That(() => Evaluate(detect, settings, order: rows => [rows[1], rows[0], rows[2]]),
            Throws.InvalidOperationException.With.Message.Contains($"image {b} comes again").And.Message.Contains("Row 2"));
    }

    private DetectionMetrics Evaluate(
        Func<Row, (SegmentationMask Mask, float Score)[]> detect, DetectionSettings settings, bool absent = true, Func<Row[], IEnumerable<Row>>? order = null)
    {
        IDataView data = _context.DrSeg().Data.Load(_folder.Path, new() { IncludeAbsent = absent });
        Row[] rows = [.. _context.Data.CreateEnumerable<Row>(data, reuseRowObject: false, ignoreMissingColumns: true)];
        foreach (Row row in rows)
            (row.PredictedMask, row.Score) = (new(detect(row).Select(one => one.Mask)), [.. detect(row).Select(one => one.Score)]);
        return _context.DrSeg().Evaluate(_context.Data.LoadFromEnumerable(order?.Invoke(rows) ?? rows), DetectionEvaluationOptions.ForDataSet(settings));
    }
}
