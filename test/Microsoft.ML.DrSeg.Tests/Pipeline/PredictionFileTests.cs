using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Pipeline;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Pipeline;

/// <summary>Predictions of any model, from files.</summary>
public class PredictionFileTests
{
    private const int Width = 20, Height = 10;
    private static readonly SegmentationMask Left = Box(0, 0, 10, 10), Right = Box(10, 0, 20, 10);
    private static readonly string LeftRuns = $$"""{"size": [10, 20], "counts": "{{Left.ToCompressedRunLengths()}}"}""";

    private readonly DrSegCatalog _drSeg = new MLContext(1).DrSeg();
    private DataSetTestFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    private static SegmentationMask Box(int x0, int y0, int x1, int y1) => SegmentationMask.FromBox(new(x0, y0, x1, y1), Width, Height);

    // A dog on the left of images 9 and 10, nothing in image 11.
    private SegmentationDataSet Dogs(string more = "") => DataSetFinder.Open(_folder.Write("instances.json", $$"""
        {"images": [{"id": 9, "file_name": "9.png", "width": 20, "height": 10}, {"id": 10, "file_name": "10.png", "width": 20, "height": 10}, {"id": 11, "file_name": "11.png", "width": 20, "height": 10}],
         "categories": [{"id": 1, "name": "dog"}, {"id": 2, "name": "cat"}],
         "annotations": [
          {"id": 1, "image_id": 9, "category_id": 1, "segmentation": [[0, 0, 10, 0, 10, 10, 0, 10]], "bbox": [0, 0, 10, 10], "area": 100, "iscrowd": 0},
          {"id": 2, "image_id": 10, "category_id": 1, "segmentation": [[0, 0, 10, 0, 10, 10, 0, 10]], "bbox": [0, 0, 10, 10], "area": 100, "iscrowd": 0}{{more}}]}
        """));

    private DetectionMetrics Evaluate(string results, DetectionSettings? settings = null, SegmentationDataSet? data = null) =>
        _drSeg.EvaluatePredictions(data ?? Dogs(), _folder.Write("results/results.json", results), settings);

    private static string One(string image, string segmentation, string score = "1", string category = "1") =>
        $$"""{"image_id": {{image}}, "category_id": {{category}}, "score": {{score}}, "segmentation": {{segmentation}}}""";

    [Test]
    public void EqualScoresGoByTheNumbersOfImages()
    {
        // Right in image 9, wrong in image 10, where it stands first.
        string wrong = $$"""{"size": [10, 20], "counts": [100, 100]}""";
        DetectionMetrics metrics = Evaluate($"[{One("10", wrong)}, {One("9", LeftRuns)}]");
        Assert.That(metrics.AveragePrecision, Is.EqualTo(51 / 101.0).Within(1e-12));
        Assert.That(metrics.Categories.Single().Category, Is.EqualTo("dog"));
        Assert.That(metrics.ImageCount, Is.EqualTo(3));
        // What is found where there is no object counts: right, wrong, then right: (51 + 50 x 2/3) / 101.
        metrics = Evaluate($"[{One("9", LeftRuns)}, {One("11", LeftRuns, "0.5")}, {One("10", LeftRuns, "0.25")}]");
        Assert.That(metrics.AveragePrecision, Is.EqualTo((51 + 50 * 2 / 3.0) / 101).Within(1e-12));
    }

    [TestCase("""{"size": [10, 20], "counts": [0, 100, 100]}""")]
    [TestCase("""[[0, 0, 10, 0, 10, 10, 0, 10]]""")]
    [TestCase("null, \"bbox\": [0, 0, 10, 10]", Description = "a box covers itself whole")]
    public void SegmentationsComeInAllForms(string segmentation)
    {
        string results = $"[{One("\"9\"", segmentation)}, {One("10.0", LeftRuns, category: "\"1\"")}]";
        Assert.That(Evaluate(results).AveragePrecision, Is.EqualTo(1));
        Assert.That(Evaluate($$"""{"info": {"by": [1, [2]]}, "annotations": {{results}}}""").AveragePrecision, Is.EqualTo(1));
    }

    [Test]
    public void BoxesAreComparedInAllTheirDigits()
    {
        // .1 to 10.1 and .1 to 5.1: an IoU of exactly a half, which single precision makes 49.99999 %.
        SegmentationDataSet data = Dogs(""", {"id": 3, "image_id": 11, "category_id": 2, "bbox": [0.1, 0.1, 10, 10], "area": 100, "iscrowd": 0}""");
        DetectionMetrics metrics = Evaluate("""[{"image_id": 11, "category_id": 2, "score": 1, "bbox": [0.1, 0.1, 10, 5]}]""", new() { Overlap = DetectionOverlap.Boxes }, data);
        Assert.That(metrics.Categories.Single(one => one.Category == "cat").AveragePrecision50, Is.EqualTo(1));
    }

    [TestCase("12", "\"category_id\": 1, \"score\": 1, \"bbox\": [0, 0, 1, 1]", "no image with the id 12", "9, 10, 11")]
    [TestCase("\"9.png\"", "\"category_id\": 1, \"score\": 1, \"bbox\": [0, 0, 1, 1]", "no image with the id 9.png")]
    [TestCase("9", "\"category_id\": 7, \"score\": 1, \"bbox\": [0, 0, 1, 1]", "no category with the id 7", "1 (dog), 2 (cat)")]
    [TestCase("9", "\"category_id\": 1, \"score\": 1, \"segmentation\": {\"size\": [20, 10], \"counts\": [200]}", "[20, 10]", "[10, 20]")]
    [TestCase("9", "\"category_id\": 1, \"bbox\": [0, 0, 1, 1]", "'score' is missing")]
    [TestCase("9", "\"category_id\": 1, \"score\": \"high\", \"bbox\": [0, 0, 1, 1]", "\"high\"")]
    [TestCase("9", "\"category_id\": 1, \"score\": 1", "neither a 'segmentation' nor a 'bbox'")]
    [TestCase("9", "\"category_id\": 1, \"score\": 1, \"bbox\": [0, 0, -1, 1]", "[0, 0, -1, 1]")]
    [TestCase("9", "\"category_id\": 1, \"score\": 1, \"bbox\": [0, 0, 1e999, 1]", "bbox")]
    [TestCase("9", "\"category_id\": 1, \"score\": 1, \"segmentation\": {\"size\": [10, 20], \"counts\": \"~~\"}", "'~'")]
    [TestCase("9", "\"category_id\": 1, \"score\": 1, \"segmentation\": {\"size\": [10, 20], \"counts\": [9999999999]}", "")]
    [TestCase("9", "\"category_id\": 1, \"score\": NaN, \"bbox\": [0, 0, 1, 1]", "'N'")]
    [TestCase("9", "\"category_id\": 1, \"score\": 1, \"segmentation\": {\"size\": [100000, 100000], \"counts\": [10000000000]}", "100000, 100000")]
    [TestCase("true", "\"category_id\": 1", "image_id")]
    public void WhatDoesNotFitIsNamedWithItsPlace(string image, string rest, params string[] said)
    {
        Exception error = Assert.Catch(() => Evaluate($$"""[ {"image_id": {{image}}, {{rest}}}]"""))!;
        Assert.That(error, Is.TypeOf<InvalidDataException>());
        foreach (string part in said.Append("results.json', byte 2: "))
            Assert.That(error.Message, Does.Contain(part));
    }

    [TestCase("", "cut off")]
    [TestCase("[", "cut off")]
    [TestCase("""[{"image_id": 9, "cate""", "cut off")]
    [TestCase("7", "expected an object")]
    [TestCase("{}", "no predictions")]
    [TestCase("""{"annotations": {}}""", "")]
    [TestCase("[7]", "expected a prediction")]
    public void WhatIsNoFileOfPredictionsIsSaidToBeNone(string text, string said) =>
        Assert.That(() => Evaluate(text), Throws.TypeOf<InvalidDataException>().With.Message.Contains("results.json").And.Message.Contains(said));

    [Test]
    public void DeepNestingIsAnErrorAndNoEnd() =>
        Assert.That(() => Evaluate($"[{new string('[', 100_000)}"), Throws.TypeOf<InvalidDataException>());

    [Test]
    public void NothingFoundIsNothingFound() => Assert.That(Evaluate("[]").AveragePrecision, Is.Zero);

    [Test]
    public void LvisJudgesWhatWasVerified()
    {
        // Nobody looked for cats in image 1, and dogs are verified to be absent from image 2: .9 is wrong, .5 right: 1/2.
        string file = _folder.Write("lvis.json", """
            {"images": [{"id": 1, "file_name": "1.png", "width": 20, "height": 10, "neg_category_ids": [], "not_exhaustive_category_ids": []},
                        {"id": 2, "file_name": "2.png", "width": 20, "height": 10, "neg_category_ids": [1], "not_exhaustive_category_ids": []},
                        {"id": 3, "file_name": "3.png", "width": 20, "height": 10, "neg_category_ids": [], "not_exhaustive_category_ids": []}],
             "categories": [{"id": 1, "name": "dog", "frequency": "f"}, {"id": 2, "name": "cat", "frequency": "r"}],
             "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[0, 0, 10, 0, 10, 10, 0, 10]], "bbox": [0, 0, 10, 10], "area": 100}]}
            """);
        string results = $"[{One("1", LeftRuns, "0.5")}, {One("1", LeftRuns, "1", "2")}, {One("2", LeftRuns, "0.9")}, {One("3", LeftRuns, "0.9")}]";
        DetectionMetrics metrics = Evaluate(results, data: DataSetFinder.Open(file, new() { IncludeAbsent = true }));
        Assert.That(metrics.Settings.Protocol, Is.EqualTo(DetectionProtocol.Lvis));
        Assert.That((metrics.AveragePrecision, metrics.FrequentAveragePrecision, metrics.ImageCount), Is.EqualTo(((double?).5, (double?).5, 3)));
        Assert.That(() => Evaluate(results, data: DataSetFinder.Open(file)), Throws.ArgumentException.With.Message.Contains("IncludeAbsent"));
    }

    [Test]
    public void PanopticResultsAreAFileAndItsFolder()
    {
        void Labels(string file, int left, int right) => _folder.Labels(file, 4, 2, [left, left, right, right, left, left, right, right]);
        _folder.Image("images/1.png", 4, 2);
        Labels("panoptic/1.png", 1, 2);
        string file = _folder.Write("panoptic.json", """
            {"images": [{"id": 1, "file_name": "1.png", "width": 4, "height": 2}], "categories": [{"id": 1, "name": "dog", "isthing": 1}, {"id": 2, "name": "sky", "isthing": 0}],
             "annotations": [{"image_id": 1, "file_name": "1.png", "segments_info": [{"id": 1, "category_id": 1, "area": 4, "iscrowd": 0, "bbox": [0, 0, 2, 2]}, {"id": 2, "category_id": 2, "area": 4, "iscrowd": 0, "bbox": [2, 0, 2, 2]}]}]}
            """);
        SegmentationDataSet data = DataSetFinder.Open(file);
        Labels("results/results/a.png", 7, 0);
        const string found = """{"annotations": [{"image_id": 1, "file_name": "a.png", "segments_info": [{"id": 7, "category_id": 1}]}]}""";
        DetectionMetrics metrics = Evaluate(found, data: data);
        Assert.That((metrics.ThingQuality, metrics.StuffQuality), Is.EqualTo(((1.0, 1.0, 1.0), (0.0, 0.0, 0.0))));
        Assert.That(metrics.Quality!.Value.Panoptic, Is.EqualTo(.5));
        foreach ((string change, string with, string said) in new[]
        {
            ("\"id\": 7", "\"id\": 8", "segment 8"), ("{\"id\": 7, \"category_id\": 1}", "", "segment 7"), ("a.png", "../../../a.png", "a.png"), ("\"category_id\": 1", "\"category_id\": 5", "id 5"),
            ("\"image_id\": 1", "\"image_id\": 2", "no prediction for image 1"),
        })
            Assert.That(() => Evaluate(found.Replace(change, with, StringComparison.Ordinal), data: data), Throws.TypeOf<InvalidDataException>().With.Message.Contains(said));
    }

    [Test]
    public void AFolderOfMasksAnswersQueries()
    {
        foreach (string name in new[] { "a", "b", "c" })
        {
            _folder.Image($"data/images/{name}.png", Width, Height);
            _folder.Mask($"data/masks/dog/{name}.png", Left);
        }
        SegmentationDataSet data = DataSetFinder.Open(_folder["data"]);
        _folder.Mask("found/dog/a.png", Left);
        _folder.Mask("found/b.PNG", Right);
        SegmentationMetrics metrics = _drSeg.EvaluatePredictedMasks(data, _folder["found"]);
        Assert.That((metrics.QueryCount, metrics.GeneralizedIoU, metrics.FailedShare), Is.EqualTo((3L, 1 / 3.0, 1 / 3.0)).Within(1e-12), "one right, one wrong, one missing");
        Assert.That(metrics.ToCsv(), Does.StartWith("class,IoU\r\ndog,0.25"), "100 of 400 pixels");

        _folder.Mask("found/dog/d.png", Left);
        Assert.That(() => _drSeg.EvaluatePredictedMasks(data, _folder["found"]), Throws.TypeOf<InvalidDataException>().With.Message.Contains("'d'"));
        File.Delete(_folder["found/dog/d.png"]);
        _folder.Mask("found/dog/c.png", SegmentationMask.Empty(5, 5));
        Assert.That(() => _drSeg.EvaluatePredictedMasks(data, _folder["found"]), Throws.TypeOf<InvalidDataException>().With.Message.Contains("5 x 5").And.Message.Contains("20 x 10"));
        Directory.CreateDirectory(_folder["empty"]);
        Assert.That(() => _drSeg.EvaluatePredictedMasks(data, _folder["empty"]), Throws.TypeOf<InvalidDataException>().With.Message.Contains("no mask"));
    }

    [Test]
    public void AnswersToSentencesAreKnownByThem()
    {
        _folder.Write("refcoco/instances.json", """
            {"images": [{"id": 1, "file_name": "1.png", "width": 20, "height": 10}], "categories": [{"id": 1, "name": "dog"}],
             "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[0, 0, 10, 0, 10, 10, 0, 10]], "bbox": [0, 0, 10, 10], "area": 100, "iscrowd": 0},
                             {"id": 2, "image_id": 1, "category_id": 1, "segmentation": [[10, 0, 20, 0, 20, 10, 10, 10]], "bbox": [10, 0, 10, 10], "area": 100, "iscrowd": 0}]}
            """);
        string sentences = _folder.Write("refcoco/refs.json", """
            [{"ref_id": 1, "ann_id": 1, "image_id": 1, "category_id": 1, "split": "val", "sentences": [{"sent": "the left dog"}]},
             {"ref_id": 2, "ann_id": 2, "image_id": 1, "category_id": 1, "split": "val", "sentences": [{"sent": "the right dog"}, {"sent": "the other one"}]}]
            """);
        SegmentationDataSet data = DataSetFinder.Open(sentences);
        string Answers(string query) => _folder.Write("answers.json", $$"""
            [{"image_id": 1, "query": "the left dog", "segmentation": {{LeftRuns}}}, {"image_id": 1, "query": "{{query}}", "failed": true}]
            """);
        SegmentationMetrics metrics = _drSeg.EvaluatePredictedMasks(data, Answers("the right dog"));
        Assert.That((metrics.QueryCount, metrics.GeneralizedIoU, metrics.FailedShare, metrics.PresentAccuracy), Is.EqualTo((3L, 1 / 3.0, 1 / 3.0, (double?)(1 / 3.0))));
        Assert.That(() => _drSeg.EvaluatePredictedMasks(data, Answers("the third dog")), Throws.TypeOf<InvalidDataException>().With.Message.Contains("'the third dog'"));
        Assert.That(() => _drSeg.EvaluatePredictions(data, Answers("the right dog")), Throws.ArgumentException.With.Message.Contains("sentences"));
    }

    private sealed class Found
    {
        public string ImageId { get; set; } = "";
        public string CategoryId { get; set; } = "1";

        [SegmentationMaskListType]
        public SegmentationMaskList Masks { get; set; } = new([]);

        public float[] Boxes { get; set; } = [];
        public double[] Areas { get; set; } = [];
        public int[] ObjectTraits { get; set; } = [];
        public int Traits { get; set; }

        [SegmentationMaskListType]
        public SegmentationMaskList PredictedMask { get; set; } = new([]);

        public double[] Score { get; set; } = [];
    }

    [Test]
    public void WhatIsWrittenIsReadAgain()
    {
        IDataView rows = new MLContext(1).Data.LoadFromEnumerable<Found>(
        [
            new() { ImageId = "9", Masks = new([Left]), Boxes = [0, 0, 10, 10], Areas = [100], ObjectTraits = [0], PredictedMask = new([Left, Right]), Score = [1, .1] },
            new() { ImageId = "10", Masks = new([Left]), Boxes = [0, 0, 10, 10], Areas = [100], ObjectTraits = [0], PredictedMask = new([Right]), Score = [1] },
        ]);
        string file = _folder["out/results.json"];
        _drSeg.SavePredictions(rows, DetectionEvaluationOptions.ForDataSet(), file);
        Assert.That(File.ReadAllText(file), Does.StartWith("""[{"image_id":9,"category_id":1,"score":1,"bbox":[0,0,10,10],"segmentation":{"size":[10,20],"counts":"""));
        DetectionMetrics read = _drSeg.EvaluatePredictions(Dogs(), file), measured = _drSeg.Evaluate(rows, DetectionEvaluationOptions.ForDataSet());
        Assert.That((read.AveragePrecision, read.AverageRecall, read.F1), Is.EqualTo((measured.AveragePrecision, measured.AverageRecall, measured.F1)));
        Assert.That(read.AveragePrecision, Is.EqualTo(51 / 101.0).Within(1e-12));
    }
}
