using System.Text.RegularExpressions;
using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Pipeline;
using NUnit.Framework;
using NUnit.Framework.Constraints;

namespace Microsoft.ML.DrSeg.Tests.Pipeline;

/// <summary>The door: rows in, figures out, errors that name row and column.</summary>
public class EvaluateTests
{
    private const int Side = 50;

    private readonly MLContext _context = new(1);

    private sealed class QueryRow
    {
        public string Query { get; set; } = "dog";
        public long ImageId { get; set; }
        public float Score { get; set; } = .5f;

        [SegmentationMaskType]
        public SegmentationMask? Mask { get; set; }

        [SegmentationMaskType]
        public SegmentationMask? PredictedMask { get; set; }
    }

    private sealed class MapRow
    {
        public byte[] LabelMap { get; set; } = [];
        public byte[] PredictedLabelMap { get; set; } = [];
    }

    private sealed class ImageRow
    {
        public string Id { get; set; } = "";
        public string[] Categories { get; set; } = [];
        public string[] PredictedCategory { get; set; } = [];

        [SegmentationMaskListType]
        public SegmentationMaskList Mask { get; set; } = new([]);

        [SegmentationMaskListType]
        public SegmentationMaskList? PredictedMask { get; set; } = new([]);

        public float[] Box { get; set; } = [];
        public float[] PredictedBox { get; set; } = [];
        public float[] Score { get; set; } = [];
        public float[] Area { get; set; } = [];
        public bool[] IsCrowd { get; set; } = [];
        public string[] Absent { get; set; } = [];
    }

    private static SegmentationMask Box(int x0, int y0, int x1, int y1) => SegmentationMask.FromBox(new(x0, y0, x1, y1), Side, Side);

    private static SegmentationMask Nothing => SegmentationMask.Empty(Side, Side);

    private static readonly QueryRow[] Queries =
    [
        new() { Query = "dog", Mask = Box(0, 0, 10, 10), PredictedMask = Box(0, 0, 10, 10), ImageId = 1 },
        new() { Query = "dog", Mask = Box(0, 0, 10, 10), PredictedMask = Box(5, 0, 15, 10), ImageId = 2 },
        new() { Query = "cat", Mask = Nothing, PredictedMask = Nothing, ImageId = 1 },
        new() { Query = "cat", Mask = Nothing, PredictedMask = Box(0, 0, 10, 10), ImageId = 2, Score = .9f },
        new() { Query = "cat", Mask = Box(20, 20, 30, 30), PredictedMask = null, ImageId = 3, Score = float.NaN },
    ];

    private IDataView View<T>(params T[] rows)
        where T : class => _context.Data.LoadFromEnumerable(rows);

    [Test]
    public void QueriesAreScored()
    {
        // IoU: 1, 50/150, 1 (nothing, rightly), 0, 0 (failed). dog: 150/250; cat: 0 of 100 + 100.
        var metrics = _context.DrSeg().Evaluate(View(Queries));
        Assert.Multiple(() =>
        {
            Assert.That(metrics.GeneralizedIoU, Is.EqualTo((1 + 1 / 3.0 + 1) / 5).Within(1e-12));
            Assert.That(metrics.CumulativeIoU, Is.EqualTo(150 / 450.0).Within(1e-12));
            Assert.That(metrics.ClassNames, Is.EqualTo(new[] { "cat", "dog" }));
            Assert.That(metrics.ClassIoU, Is.EqualTo(new double?[] { 0, .6 }));
            Assert.That(metrics.AbsentAccuracy, Is.EqualTo(.5));
            Assert.That(metrics.FailedShare, Is.EqualTo(.2));
            Assert.That(metrics.BoundaryIoU, Is.Not.Null);
        });
    }

    [Test]
    public void QueriesAreTheSameAsMeasuredOneByOne()
    {
        QueryResult[] results = [.. Queries.Select(row => QueryResult.Measure(row.Query == "cat" ? 0 : 1, row.PredictedMask, row.Mask!, .02))];
        var metrics = _context.DrSeg().Evaluate(View(Queries), new QueryEvaluationOptions { Classes = ["cat", "dog"] });
        Assert.That(metrics.ToString(), Does.StartWith(SegmentationMetrics.From(results).ToString()));
    }

    [Test]
    public void OptionsAreHeeded()
    {
        var metrics = _context.DrSeg().Evaluate(View(Queries), new QueryEvaluationOptions { ClassColumnName = null, BoundaryShare = null });
        Assert.Multiple(() =>
        {
            Assert.That(metrics.MeanIoU, Is.EqualTo(metrics.CumulativeIoU));
            Assert.That(metrics.BoundaryIoU, Is.Null);
            Assert.That(metrics.ClassNames, Is.Null);
            Assert.That(_context.DrSeg().Evaluate(View(Queries), new QueryEvaluationOptions { Classes = ["yak", "dog", "cat"] }).ClassIoU, Is.EqualTo(new double?[] { null, .6, 0 }));
            Assert.That(() => _context.DrSeg().Evaluate(View(Queries), new QueryEvaluationOptions { BoundaryShare = 2 }), Throws.InstanceOf<ArgumentOutOfRangeException>());
        });
    }

    private sealed class ObjectsRow
    {
        [SegmentationMaskType]
        public SegmentationMask? Mask { get; set; }

        [SegmentationMaskListType]
        public SegmentationMaskList? Masks { get; set; }

        [SegmentationMaskType]
        public SegmentationMask? PredictedMask { get; set; }

        [SegmentationMaskListType]
        public SegmentationMaskList? PredictedMasks { get; set; }
    }

    private static readonly QueryEvaluationOptions WithObjects = new()
    {
        ClassColumnName = null, ObjectsColumnName = "Masks", PredictedObjectsColumnName = "PredictedMasks",
    };

    [Test]
    public void ObjectsAreCountedAndMatched()
    {
        SegmentationMask left = Box(0, 0, 10, 10), right = Box(30, 30, 40, 40), both = left.Union(right);
        ObjectsRow[] rows =
        [
            // Both found, one shifted by half, and a mask without a pixel, which is no object: boxes 1 and 1/3.
            new() { Mask = both, Masks = new([left, right]), PredictedMask = both, PredictedMasks = new([right, Box(5, 0, 15, 10), Nothing]) },
            // Both as one: its box is 1600 pixels, of which 100 are the left one's.
            new() { Mask = both, Masks = new([left, right]), PredictedMask = both, PredictedMasks = new([both]) },
            new() { Mask = left, Masks = new([left]), PredictedMask = null, PredictedMasks = null },
            new() { Mask = left, Masks = new([left]), PredictedMask = Nothing, PredictedMasks = new([]) },
            new() { Mask = Nothing, Masks = new([]), PredictedMask = Nothing, PredictedMasks = new([]) },
            new() { Mask = Nothing, Masks = new([]), PredictedMask = left, PredictedMasks = new([left]) },
        ];
        var metrics = _context.DrSeg().Evaluate(View(rows), WithObjects);
        Assert.Multiple(() =>
        {
            Assert.That(metrics.CountAccuracy, Is.EqualTo(2 / 6.0).Within(1e-12));
            Assert.That(metrics.MatchedBoxIoU, Is.EqualTo((2 / 3.0 + 100 / 1600.0 + 0 + 0) / 4).Within(1e-6));
            Assert.That(metrics.AbsentAccuracy, Is.EqualTo(.5));
            Assert.That(metrics.PresentAccuracy, Is.EqualTo(.5));
            Assert.That(_context.DrSeg().Evaluate(View(rows), new QueryEvaluationOptions { ClassColumnName = null }).CountAccuracy, Is.Null);
        });
    }

    [Test]
    public void ErrorsOfObjectsNameRowAndColumn()
    {
        SegmentationMask left = Box(0, 0, 10, 10);
        Action Evaluate(Action<ObjectsRow> spoil)
        {
            ObjectsRow Good() => new() { Mask = left, Masks = new([left]), PredictedMask = left, PredictedMasks = new([left]) };
            ObjectsRow bad = Good();
            spoil(bad);
            return () => _context.DrSeg().Evaluate(View(Good(), bad), WithObjects);
        }
        Assert.Multiple(() =>
        {
            Assert.That(Evaluate(row => row.Masks = null), Fails("Row 1", "'Masks'", "no list"));
            Assert.That(Evaluate(row => row.PredictedMasks = null), Fails("Row 1", "'PredictedMasks'", "no list"));
            Assert.That(Evaluate(row => row.Masks = new([left, null])), Fails("Row 1", "'Masks'", "object 1"));
            Assert.That(Evaluate(row => row.PredictedMasks = new([SegmentationMask.Empty(7, 8)])), Fails("Row 1", "'PredictedMasks'", "7 x 8", "50 x 50"));
            Assert.That(() => _context.DrSeg().Evaluate(View(Queries), new QueryEvaluationOptions { ObjectsColumnName = "Masks" }),
                Throws.ArgumentException.With.Message.Contains("PredictedObjectsColumnName"));
            Assert.That(() => _context.DrSeg().Evaluate(View(Queries), new QueryEvaluationOptions { ObjectsColumnName = "Mask", PredictedObjectsColumnName = "Mask" }),
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("'Mask' for the true objects"));
        });
    }

    [Test]
    public void TheOrderOfManyRowsDoesNotMatter()
    {
        var random = new Random(1);
        QueryRow[] rows = [.. Enumerable.Range(0, 700).Select(i => new QueryRow
        {
            ImageId = i, Query = "noun" + random.Next(9), Mask = Random(), PredictedMask = Random(), Score = random.Next(4),
        })];
        var (queries, detections) = Evaluate();
        random.Shuffle(rows);
        Assert.That(Evaluate(), Is.EqualTo((queries, detections)));

        SegmentationMask Random() => random.Next(8) == 0 ? Nothing : Box(random.Next(10), random.Next(10), random.Next(15, 30), random.Next(15, 30));

        (string, string) Evaluate() => (
            _context.DrSeg().Evaluate(View(rows)).ToString(),
            _context.DrSeg().Evaluate(View(rows), new DetectionEvaluationOptions { ImageIdColumnName = "ImageId" }).ToString());
    }

    [Test]
    public void FiguresReachTheLog()
    {
        var context = new MLContext(1);
        var lines = new List<string>();
        context.Log += (_, line) => lines.Add(line.Message);
        context.DrSeg().Evaluate(context.Data.LoadFromEnumerable(Queries));
        Assert.That(lines, Has.Some.Contains("gIoU"));
    }

    [Test]
    public void LabelMapsAreScored()
    {
        var rows = View(new MapRow { LabelMap = [0, 0, 1], PredictedLabelMap = [0, 1, 1] }, new MapRow { LabelMap = [255, 1], PredictedLabelMap = [0, 1] });
        var metrics = _context.DrSeg().Evaluate(rows, new LabelMapEvaluationOptions { ClassCount = 2 });
        Assert.That(metrics.ClassIoU, Is.EqualTo(new double?[] { .5, 2 / 3.0 }));
    }

    [Test]
    public void LabelMapErrorsNameRowAndColumn()
    {
        var good = new MapRow { LabelMap = [0], PredictedLabelMap = [0] };
        var options = new LabelMapEvaluationOptions { ClassCount = 2 };
        Assert.Multiple(() =>
        {
            Assert.That(() => _context.DrSeg().Evaluate(View(good, good, new MapRow { LabelMap = [0], PredictedLabelMap = [7] }), options),
                Throws.InvalidOperationException.With.Message.Contains("Row 2").And.Message.Contains("'PredictedLabelMap'").And.Message.Contains("label 7"));
            Assert.That(() => _context.DrSeg().Evaluate(View(new MapRow { LabelMap = [7], PredictedLabelMap = [0] }, good), options),
                Throws.InvalidOperationException.With.Message.Contains("Row 0").And.Message.Contains("'LabelMap'"));
            Assert.That(() => _context.DrSeg().Evaluate(View(good, new MapRow { LabelMap = [0, 0], PredictedLabelMap = [0] }), options),
                Throws.InvalidOperationException.With.Message.Contains("Row 1").And.Message.Contains("2 pixels"));
        });
    }

    [Test]
    public void QueriesWithOneMaskAreDetections()
    {
        // Cats: one is to be found (image 3) and is not; .9 in image 2 is wrong: AP 0. Dogs: images 1 and 2, scores equal, IoU 1
        // and 1/3: right, wrong: 51 recalls of 101.
        var metrics = _context.DrSeg().Evaluate(View(Queries), new DetectionEvaluationOptions { ImageIdColumnName = "ImageId" });
        Assert.Multiple(() =>
        {
            Assert.That(metrics.Categories.Select(c => c.Category), Is.EqualTo(new[] { "cat", "dog" }));
            Assert.That(metrics.Categories.Select(c => c.AveragePrecision), Is.EqualTo(new double?[] { 0, 51 / 101.0 }).Within(1e-12));
        });
    }

    [Test]
    public void ImagesWithListsAreDetections()
    {
        // Two dogs: a crowd that excuses the detection at .9 and an object of annotated area 5000 that is found, so it is medium.
        // The failed answer (null) has a score of NaN and detects nothing. The bird is verified absent, so LVIS counts it, but
        // there is none to be found.
        var row = new ImageRow
        {
            Id = "0a1b", Categories = ["dog", "dog"], Mask = new([Box(0, 0, 20, 20), Box(30, 30, 40, 40)]), Area = [400, 5000], IsCrowd = [true, false],
            PredictedCategory = ["dog", "bird", "dog", "dog"], PredictedMask = new([Box(0, 0, 5, 5), Box(0, 0, 5, 5), null, Box(30, 30, 40, 40)]),
            Score = [.9f, .8f, float.NaN, .1f], Absent = ["bird"],
        };
        var metrics = _context.DrSeg().Evaluate(View(row), ImageOptions(new() { Protocol = DetectionProtocol.Lvis }));
        Assert.Multiple(() =>
        {
            Assert.That(metrics.AveragePrecision, Is.EqualTo(1).Within(1e-12));
            Assert.That(metrics.MediumAveragePrecision, Is.EqualTo(1).Within(1e-12));
            Assert.That(metrics.SmallAveragePrecision, Is.Null);
            Assert.That(metrics.Categories, Has.Count.EqualTo(1));
        });
    }

    [Test]
    public void BoxesAloneAreDetections()
    {
        var row = new ImageRow { Categories = ["dog"], PredictedCategory = ["dog"], Box = [0, 0, 10, 10], PredictedBox = [0, 0, 10, 5], Score = [1] };
        var options = BoxOptions();
        Assert.Multiple(() =>
        {
            Assert.That(_context.DrSeg().Evaluate(View(row), options).AveragePrecision, Is.EqualTo(.1).Within(1e-12));
            row.PredictedBox = [0, 0, float.NaN, 5];
            Assert.That(() => _context.DrSeg().Evaluate(View(row), options), Fails("Row 0", "'PredictedBox'", "box 0", "NaN"));
            row.PredictedBox = [0, 0, 10];
            Assert.That(() => _context.DrSeg().Evaluate(View(row), options), Fails("Row 0", "'PredictedBox'", "3 numbers"));
        });
    }

    [Test]
    public void DetectionErrorsNameRowAndColumn()
    {
        ImageRow Good() => new()
        {
            Categories = ["dog"], Mask = new([Box(0, 0, 9, 9)]), Area = [81], IsCrowd = [false], PredictedCategory = ["dog"], PredictedMask = new([Box(0, 0, 9, 9)]), Score = [1],
        };
        Assert.Multiple(() =>
        {
            Assert.That(Evaluate(row => row.Score = [float.NaN]), Fails("Row 1", "'Score'", "detection 0", "NaN"));
            Assert.That(Evaluate(row => row.Score = [1, 2]), Fails("Row 1", "'Score'", "2 values", "1 objects"));
            Assert.That(Evaluate(row => row.PredictedMask = new([SegmentationMask.Empty(7, 8)])), Fails("Row 1", "'PredictedMask'", "7 x 8", "50 x 50"));
            Assert.That(Evaluate(row => row.PredictedMask = null), Fails("Row 1", "'PredictedMask'"));
            Assert.That(Evaluate(row => row.Mask = new([null])), Fails("Row 1", "'Mask'", "mask 0"));
            Assert.That(Evaluate(row => row.PredictedCategory = ["dgo"]), Fails("Row 1", "'PredictedCategory'", "'dgo'"));
            Assert.That(Evaluate(row => row.Categories = ["dog", "dog"]), Fails("Row 1", "'Categories'", "2 values"));
            Assert.That(Evaluate(row => row.Categories = [""]), Fails("Row 1", "'Categories'", "empty"));
            Assert.That(Evaluate(row => row.Area = [float.NaN]), Fails("Row 1", "'Area'", "NaN"));
            Assert.That(Evaluate(row => row.IsCrowd = []), Fails("Row 1", "'IsCrowd'", "0 values"));
            Assert.That(Evaluate(row => row.Absent = ["unicorn"]), Fails("Row 1", "'Absent'", "'unicorn'"));
        });

        Action Evaluate(Action<ImageRow> spoil)
        {
            ImageRow first = Good(), second = Good();
            (first.Id, second.Id) = ("a", "b");
            spoil(second);
            var options = ImageOptions(new());
            options.Categories = ["dog", "cat"];
            return () => _context.DrSeg().Evaluate(View(first, second), options);
        }
    }

    [Test]
    public void QueryErrorsNameRowAndColumn()
    {
        var good = Queries[0];
        Assert.Multiple(() =>
        {
            Assert.That(() => _context.DrSeg().Evaluate(View(good, new QueryRow { Mask = null, PredictedMask = Nothing })), Fails("Row 1", "'Mask'"));
            Assert.That(() => _context.DrSeg().Evaluate(View(good, new QueryRow { Mask = Nothing, PredictedMask = SegmentationMask.Empty(7, 8) })), Fails("Row 1", "'PredictedMask'", "7 x 8"));
            Assert.That(() => _context.DrSeg().Evaluate(View(good), new QueryEvaluationOptions { Classes = ["cat"] }), Fails("Row 0", "'Query'", "'dog'"));
            Assert.That(() => _context.DrSeg().Evaluate(View<QueryRow>()), Fails("no rows"));
            Assert.That(() => _context.DrSeg().Evaluate(View(good), maskColumnName: "Truth"), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("'Truth'"));
            Assert.That(() => _context.DrSeg().Evaluate(View(good), new DetectionEvaluationOptions { ScoreColumnName = "Query" }),
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("'Query'"));
            Assert.That(() => _context.DrSeg().Evaluate(View(good), new DetectionEvaluationOptions { MaskColumnName = null }), Throws.ArgumentException.With.Message.Contains("true masks"));
            Assert.That(() => _context.DrSeg().Evaluate(View(good), new DetectionEvaluationOptions { ImageIdColumnName = "Score" }),
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("'Score'"));
        });
    }

    private static DetectionEvaluationOptions ImageOptions(DetectionSettings settings) => new()
    {
        Settings = settings, ImageIdColumnName = "Id", CategoryColumnName = "Categories", AreaColumnName = "Area", CrowdColumnName = "IsCrowd", AbsentColumnName = "Absent",
    };

    private static DetectionEvaluationOptions BoxOptions() => new()
    {
        Settings = new() { Overlap = DetectionOverlap.Boxes }, CategoryColumnName = "Categories",
        MaskColumnName = null, BoxColumnName = "Box", PredictedMaskColumnName = null, PredictedBoxColumnName = "PredictedBox",
    };

    // The words stand in the message in this order.
    private static RegexConstraint Fails(params string[] words) =>
        Throws.InvalidOperationException.With.Message.Matches(string.Join(".*", words.Select(Regex.Escape)));
}
