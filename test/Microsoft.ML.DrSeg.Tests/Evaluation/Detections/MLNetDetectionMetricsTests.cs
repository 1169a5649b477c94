using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.TorchSharp;
using Microsoft.ML.TorchSharp.AutoFormerV2;
using NUnit.Framework;
using static Microsoft.ML.DrSeg.Tests.Evaluation.Detections.Scene;

namespace Microsoft.ML.DrSeg.Tests.Evaluation.Detections;

/// <summary>
/// <c>EvaluateObjectDetection</c> of Microsoft.ML.TorchSharp beside this library's average precision of boxes: the same where
/// the definitions are, and each way in which they differ, as docs/guides/mlnet.md tells them.
/// </summary>
public class MLNetDetectionMetricsTests
{
    // ML.NET adds up in single precision. Where matches are the same, the mean of the precision at 101 recalls and the area under
    // it differ by .01 at most: the precision never rises with the recall, so that the area over each hundredth of recall lies
    // between the precisions at its two ends.
    private const double Rounding = 1e-5, OneRecallPoint = .01;

    private static readonly DetectionSettings Coco = new() { Overlap = DetectionOverlap.Boxes };
    private static readonly DetectionSettings OpenImages = new() { Overlap = DetectionOverlap.Boxes, Protocol = DetectionProtocol.OpenImages };
    private static readonly string[] Names = ["cat", "dog", "owl"];

    private static readonly float[] Left = [0, 0, 10, 10], Right = [50, 0, 60, 10], Below = [0, 50, 10, 60], Nowhere = [100, 100, 110, 110];

    private readonly MLContext _context = new(1);

    /// <summary>What this library's evaluation reads: an image a row, boxes half-open.</summary>
    private sealed class ImageRow
    {
        public string[] Label { get; set; } = [];
        public float[] Box { get; set; } = [];
        public string[] PredictedLabel { get; set; } = [];
        public float[] PredictedBox { get; set; } = [];
        public float[] Score { get; set; } = [];
        public string[] Absent { get; set; } = Names;

        /// <summary>The row for ML.NET's evaluation, whose boxes end at the last pixel inside.</summary>
        public ImageRow WithLastPixels() => new() { Label = Label, Box = LastPixels(Box), PredictedLabel = PredictedLabel, PredictedBox = LastPixels(PredictedBox), Score = Score };

        private static float[] LastPixels(float[] boxes) => [.. boxes.Select((number, i) => i % 4 < 2 ? number : number - 1)];
    }

    private static ImageRow Row((string Name, float[] Box)[] truth, params (string Name, float Score, float[] Box)[] found) => new()
    {
        Label = [.. truth.Select(one => one.Name)],
        Box = [.. truth.SelectMany(one => one.Box)],
        PredictedLabel = [.. found.Select(one => one.Name)],
        PredictedBox = [.. found.SelectMany(one => one.Box)],
        Score = [.. found.Select(one => one.Score)],
    };

    private DetectionMetrics Ours(DetectionSettings settings, params IEnumerable<ImageRow> rows) =>
        _context.DrSeg().Evaluate(_context.Data.LoadFromEnumerable(rows), new DetectionEvaluationOptions
        {
            Settings = settings,
            CategoryColumnName = nameof(ImageRow.Label),
            PredictedCategoryColumnName = nameof(ImageRow.PredictedLabel),
            MaskColumnName = null,
            BoxColumnName = nameof(ImageRow.Box),
            PredictedMaskColumnName = null,
            PredictedBoxColumnName = nameof(ImageRow.PredictedBox),
            AbsentColumnName = nameof(ImageRow.Absent),
        });

    private ObjectDetectionMetrics Theirs(params IEnumerable<ImageRow> rows) => AsTheyAre(rows.Select(row => row.WithLastPixels()));

    private ObjectDetectionMetrics AsTheyAre(params IEnumerable<ImageRow> rows)
    {
        IDataView view = _context.Data.LoadFromEnumerable(rows);
        DataViewSchema.Column Of(string name) => view.Schema[name];
        return _context.MulticlassClassification.EvaluateObjectDetection(view, Of("Label"), Of("Box"), Of("PredictedLabel"), Of("PredictedBox"), Of("Score"));
    }

    // ---- Where they agree

    [Test]
    public void TheyAgreeOnRandomScenes([Range(1, 20)] int seed)
    {
        ImageRow[] rows = [.. Enumerable.Range(0, 30).Select(image => RandomRow(seed, image))];
        ObjectDetectionMetrics theirs = Theirs(rows);
        DetectionMetrics coco = Ours(Coco, rows), openImages = Ours(OpenImages, rows);
        Assert.Multiple(() =>
        {
            Assert.That(theirs.MAP50, Is.InRange(.1, .9), "the scenes are neither trivial nor hopeless");
            Assert.That(theirs.MAP50, Is.EqualTo(openImages.AveragePrecision50!.Value).Within(Rounding));
            Assert.That(theirs.MAP50, Is.EqualTo(coco.AveragePrecision50!.Value).Within(OneRecallPoint));
            Assert.That(theirs.MAP50_95, Is.EqualTo(coco.AveragePrecision!.Value).Within(OneRecallPoint));
        });
    }

    /// <summary>
    /// Cells of 50 x 50 pixels, each with an object, a detection, or both, which lie off each other by up to some pixels and may
    /// differ in category: no detection touches a second object, no scores are equal or below .05.
    /// </summary>
    private static ImageRow RandomRow(int seed, int image)
    {
        var random = DeterministicRandom.Create((ulong)seed, (ulong)image);
        var truth = new List<(string, float[])>();
        var found = new List<(string, float, float[])>();
        for (var cell = 0; cell < 9; cell++)
        {
            var (x, y) = (50 * (cell % 3), 50 * (cell / 3));
            float[] box = [x + 10, y + 10, x + 25 + random.NextInt(15), y + 25 + random.NextInt(15)];
            string name = Names[random.NextInt(3)];
            if (random.NextInt(4) > 0)
                truth.Add((name, box));
            if (random.NextInt(3) > 0)
                found.Add((random.NextInt(6) == 0 ? Names[random.NextInt(3)] : name, .06f + .9f * (random.NextInt(100_000) * 270 + 9 * image + cell) / 27_000_000, Moved(box)));
        }
        return Row([.. truth], [.. found]);

        // By parts of a pixel, so that no overlap is a threshold.
        float[] Moved(float[] box) => [.. box.Select(number => number + (float)(2 * random.NextGaussian()))];
    }

    [Test]
    public void TheyAgreeOnScenesByHand()
    {
        ImageRow perfect = Row([("dog", Left), ("cat", Right)], ("dog", .9f, Left), ("cat", .8f, Right));
        Assert.Multiple(() =>
        {
            AreBoth(1, perfect);
            AreBoth(.75, perfect, Row([("dog", Left)]));
            AreBoth((1 + 1 + 0) / 3.0, perfect, Row([("owl", Left)]));
            AreBoth(1, perfect, Row([]), Row([], ("dog", .7f, Right)));
            AreBoth(.75, perfect, Row([], ("dog", .95f, Right)));
            AreBoth(0, Row([("dog", Left)], ("dog", .9f, Right)));
            // Right, wrong, right of three dogs.
            AreBoth((1 + 2 / 3.0) / 3, Row([("dog", Left), ("dog", Right), ("dog", Below)], ("dog", .9f, Left), ("dog", .8f, Nowhere), ("dog", .7f, Right)));
        });

        void AreBoth(double expected, params ImageRow[] rows)
        {
            ObjectDetectionMetrics theirs = Theirs(rows);
            Assert.That(theirs.MAP50, Is.EqualTo(expected).Within(Rounding));
            Assert.That(theirs.MAP50_95, Is.EqualTo(expected).Within(Rounding));
            Assert.That(Ours(OpenImages, rows).AveragePrecision50, Is.EqualTo(expected).Within(Rounding));
            Assert.That(Ours(Coco, rows).AveragePrecision50, Is.EqualTo(expected).Within(OneRecallPoint));
            Assert.That(Ours(Coco, rows).AveragePrecision, Is.EqualTo(expected).Within(OneRecallPoint));
        }
    }

    // ---- Where they differ

    [Test]
    public void TheirBoxesHoldTheirLastPixel()
    {
        // 49 of 100 pixels; as they are, 11 x 5.9 of 11 x 11.
        ImageRow row = Row([("dog", Left)], ("dog", .9f, [0, 0, 10, 4.9f]));
        Assert.That((Theirs(row).MAP50, AsTheyAre(row).MAP50, Ours(Coco, row).AveragePrecision50), Is.EqualTo((0f, 1f, 0.0)));
    }

    [Test]
    public void TheyMatchByOverlapAndNotByScore()
    {
        // The surer detection has an IoU of .6 with the dog, the other one of .8, and the dog goes to the latter.
        ImageRow row = Row([("dog", Left)], ("dog", .9f, [0, 0, 10, 6]), ("dog", .8f, [0, 0, 10, 8]));
        Assert.That((Theirs(row).MAP50, Ours(Coco, row).AveragePrecision50), Is.EqualTo((.5f, 1.0)));
        // Two dogs overlap. The surer detection has an IoU of .65 with the first and .56 with the second, the other one of .7 with
        // the first alone: by overlap each finds its own dog, by score the first dog is gone when the other one comes.
        ImageRow two = Row([("dog", Left), ("dog", [0, 2, 10, 8])], ("dog", .9f, [0, 0, 10, 6.5f]), ("dog", .8f, [0, 0, 7, 10]));
        Assert.That(Theirs(two).MAP50, Is.EqualTo(1));
        Assert.That(Ours(Coco, two).AveragePrecision50, Is.EqualTo(51 / 101.0).Within(1e-12));
    }

    [Test]
    public void TheyTakeNoNoticeOfScoresBelowATwentieth()
    {
        ImageRow row = Row([("dog", Left), ("dog", Right)], ("dog", .05f, Left), ("dog", .0499f, Right));
        Assert.That(Theirs(row).MAP50, Is.EqualTo(.5f));
        Assert.That(Ours(Coco, row).AveragePrecision50, Is.EqualTo(1));
    }

    [Test]
    public void TheirThresholdsAreSumsInSinglePrecision()
    {
        // An IoU of exactly 3/4 reaches .5, .55, .6, .65, .7 and .75; their sixth threshold is a little above.
        ImageRow row = Row([("dog", Left)], ("dog", .9f, [0, 0, 10, 7.5f]));
        Assert.That((double)Theirs(row).MAP50_95, Is.EqualTo(.5).Within(Rounding));
        Assert.That(Ours(Coco, row).AveragePrecision, Is.EqualTo(.6).Within(1e-12));
    }

    [Test]
    public void TheyKnowNoCategoryThatIsNowhereTrue()
    {
        ImageRow row = Row([("dog", Left)], ("dog", .9f, Left), ("cat", .8f, Right));
        Assert.That(() => Theirs(row), Throws.TypeOf<KeyNotFoundException>());
        Assert.That(Ours(Coco, row).AveragePrecision50, Is.EqualTo(1), "a category without an object is no part of the mean");
        Assert.That(Theirs(row, Row([("cat", Right)])).MAP50, Is.EqualTo(.5f), "wrong as soon as there is a cat anywhere, and the cat is not found");
    }

    [Test]
    public void WithoutAnyObjectTheyGiveOne()
    {
        ImageRow row = Row([]);
        Assert.That((Theirs(row).MAP50, Theirs(row).MAP50_95, Ours(Coco, row).AveragePrecision50, Ours(Coco, row).AveragePrecision), Is.EqualTo((1f, 1f, (double?)null, (double?)null)));
    }

    [Test]
    public void TheyBreakTiesByTheOrderOfRows()
    {
        // Equal scores of a right and a wrong detection.
        ImageRow right = Row([("dog", Left)], ("dog", .9f, Left)), wrong = Row([], ("dog", .9f, Left));
        Assert.That((Theirs(right, wrong).MAP50, Theirs(wrong, right).MAP50), Is.EqualTo((1f, .5f)));
        double?[] ours = [.. new[] { (right, "1", wrong, "2"), (wrong, "2", right, "1") }.Select(pair => Score(Coco, Image(pair.Item2, pair.Item1), Image(pair.Item4, pair.Item3)).AveragePrecision50)];
        Assert.That(ours, Is.EqualTo(new double?[] { 1, 1 }), "by the image's id");

        static DetectionImage Image(string id, ImageRow row) => Scene.Image(id,
            [.. row.Label.Select(name => new TrueObject(name, null, new(0, 0, 10, 10)))], [.. row.PredictedLabel.Zip(row.Score, (name, score) => new DetectedObject(name, score, null, new(0, 0, 10, 10)))]);
    }

    [Test]
    public void TheyHaveNoLimitOfDetections()
    {
        ImageRow row = Row([("dog", Left)], [.. Enumerable.Range(0, 100).Select(i => ("dog", .9f - i / 1000f, Nowhere)), ("dog", .5f, Left)]);
        Assert.That((double)Theirs(row).MAP50, Is.EqualTo(1 / 101.0).Within(Rounding));
        Assert.That(Ours(Coco, row).AveragePrecision50, Is.Zero);
        Assert.That(Ours(Coco with { MaximumDetections = 101 }, row).AveragePrecision50, Is.EqualTo(1 / 101.0).Within(1e-12));
    }

    [Test]
    public void TheyKnowNoCrowds()
    {
        // A crowd on the left, a dog on the right; a detection within the crowd, then the dog.
        DetectedObject[] found = [new("dog", .9f, null, new(0, 0, 5, 5)), new("dog", .8f, null, new(50, 0, 60, 10))];
        TrueObject crowd = new("dog", null, new(0, 0, 10, 10)) { IsCrowd = true }, dog = new("dog", null, new(50, 0, 60, 10));
        Assert.That(Score(Coco, Image(1, [crowd, dog], found)).AveragePrecision50, Is.EqualTo(1));
        (string, float, float[])[] same = [("dog", .9f, [0, 0, 5, 5]), ("dog", .8f, Right)];
        Assert.That(Theirs(Row([("dog", Right)], same)).MAP50, Is.EqualTo(.5f), "the crowd left out");
        Assert.That(Theirs(Row([("dog", Left), ("dog", Right)], same)).MAP50, Is.EqualTo(.25f), "the crowd as an object");
    }

    private sealed class KeyRow
    {
        [KeyType(3)]
        public uint[] Label { get; set; } = [1];
    }

    [Test]
    public void TheyRefuseKeys()
    {
        IDataView keys = _context.Data.LoadFromEnumerable<KeyRow>([new()]);
        Assert.That(() => _context.MulticlassClassification.EvaluateObjectDetection(keys, keys.Schema["Label"], default, default, default, default),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("Label"));
    }

    // ---- From one row a query to one row an image

    private sealed class QueryRow
    {
        public string ImagePath { get; set; } = "";
        public string Query { get; set; } = "";

        [SegmentationMaskType]
        public SegmentationMask Mask { get; set; } = null!;

        [SegmentationMaskType]
        public SegmentationMask? PredictedMask { get; set; }

        public float Score { get; set; }
    }

    private ObjectDetectionMetrics OfQueries(IDataView predictions)
    {
        QueryRow[] rows = [.. _context.Data.CreateEnumerable<QueryRow>(predictions, reuseRowObject: false)];
        var named = rows.Where(row => row.Mask.Area > 0).Select(row => row.Query).ToHashSet();
        IDataView images = _context.Data.LoadFromEnumerable(rows.Where(row => named.Contains(row.Query)).GroupBy(row => row.ImagePath).Select(image =>
        {
            QueryRow[] real = [.. image.Where(row => row.Mask.Area > 0)], found = [.. image.Where(row => row.PredictedMask is { Area: > 0 })];
            return new ImageRow
            {
                Label = [.. real.Select(row => row.Query)],
                Box = [.. real.SelectMany(row => Numbers(row.Mask.Box))],
                PredictedLabel = [.. found.Select(row => row.Query)],
                PredictedBox = [.. found.SelectMany(row => Numbers(row.PredictedMask!.Box))],
                Score = [.. found.Select(row => row.Score)],
            };
        }));
        DataViewSchema.Column Of(string name) => images.Schema[name];
        return _context.MulticlassClassification.EvaluateObjectDetection(images, Of("Label"), Of("Box"), Of("PredictedLabel"), Of("PredictedBox"), Of("Score"));

        // ML.NET's boxes end at the last pixel inside.
        static float[] Numbers(BoundingBox box) => [box.X0, box.Y0, box.X1 - 1, box.Y1 - 1];
    }

    [Test]
    public void RowsOfQueriesBecomeRowsOfImages([Range(1, 5)] int seed)
    {
        IDataView predictions = _context.Data.LoadFromEnumerable(Enumerable.Range(0, 40).SelectMany(image => Queries(seed, image)));
        ObjectDetectionMetrics theirs = OfQueries(predictions);
        DetectionMetrics Ours(DetectionSettings settings) => _context.DrSeg().Evaluate(predictions, new DetectionEvaluationOptions { Settings = settings, ImageIdColumnName = "ImagePath" });
        Assert.Multiple(() =>
        {
            Assert.That(theirs.MAP50, Is.InRange(.1, .9));
            Assert.That(theirs.MAP50, Is.EqualTo(Ours(OpenImages).AveragePrecision50!.Value).Within(Rounding));
            Assert.That(theirs.MAP50, Is.EqualTo(Ours(Coco).AveragePrecision50!.Value).Within(OneRecallPoint));
            Assert.That(theirs.MAP50_95, Is.EqualTo(Ours(Coco).AveragePrecision!.Value).Within(OneRecallPoint));
        });
    }

    /// <summary>A query for each name, and one that is nowhere to be found; some answers fail, and some find nothing.</summary>
    private static IEnumerable<QueryRow> Queries(int seed, int image)
    {
        var random = DeterministicRandom.Create((ulong)seed, (ulong)(100 + image));
        foreach (var (name, i) in Names.Append("yeti").Select((name, i) => (name, i)))
        {
            // Sides are such that no overlap is a multiple of a twentieth.
            int x = random.NextInt(100), y = random.NextInt(100), moved = random.NextInt(12);
            SegmentationMask truth = Mask(x, y, x + 41, y + 43), found = Mask(x + moved, y, x + 41 + moved, y + 43), nothing = SegmentationMask.Empty(Side, Side);
            yield return new()
            {
                ImagePath = $"{image}.png",
                Query = name,
                Mask = name == "yeti" || random.NextInt(5) == 0 ? nothing : truth,
                PredictedMask = random.NextInt(6) switch { 0 => null, 1 => nothing, _ => found },
                Score = .06f + (random.NextInt(1000) * 160 + 4 * image + i) / 200_000f,
            };
        }
    }
}
