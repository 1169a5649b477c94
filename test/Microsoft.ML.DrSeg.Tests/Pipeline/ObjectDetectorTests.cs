using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Tests.Models;
using Microsoft.ML.TorchSharp;
using Microsoft.ML.TorchSharp.AutoFormerV2;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Pipeline;

/// <summary>Columns such as ML.NET's object detector writes go straight into Segment and into evaluation.</summary>
public class ObjectDetectorTests
{
    private const int Images = 6;
    private static readonly string[] Outputs = ["PredictedLabel", "Score", "PredictedBoundingBoxes"];

    private readonly MLContext _context = new(1);
    private TemporaryFolder _folder = null!;

    private sealed class ImageRow
    {
        [AnyImageSize]
        public MLImage? Image { get; set; }
    }

    /// <summary>A picture, what it holds, and what a detector has written: names where that has keys, which are made of them.</summary>
    private sealed class DetectedRow
    {
        public string ImagePath { get; set; } = "";
        public string[] Label { get; set; } = [];
        public float[] Box { get; set; } = [];
        public string[] PredictedLabel { get; set; } = [];
        public float[] Score { get; set; } = [];
        public float[] PredictedBoundingBoxes { get; set; } = [];
    }

    private sealed class NameRow
    {
        public string Name { get; set; } = "";
    }

    [OneTimeSetUp]
    public void WritePictures()
    {
        _folder = new();
        for (var i = 0; i < Images; i++)
            TinyModel.Example(i).Image.Save(_folder.File($"{i}.png"));
    }

    [OneTimeTearDown]
    public void RemovePictures() => _folder.Dispose();

    // In every picture but the last the object and something else, the surer of the two in turn; in the last nothing.
    private static DetectedRow Row(int i)
    {
        SegmentationExample example = TinyModel.Example(i);
        BoundingBox box = example.Mask.Box;
        float[] true4 = [box.X0, box.Y0, box.X1, box.Y1], other4 = [0, 0, 40, 3.5f];
        return new DetectedRow
        {
            ImagePath = $"{i}.png",
            Label = [example.Query],
            Box = true4,
            PredictedLabel = i == Images - 1 ? [] : [example.Query, TinyModel.Nouns[i % 3]],
            Score = i == Images - 1 ? [] : [.9f - .07f * i, .52f + .07f * i],
            PredictedBoundingBoxes = i == Images - 1 ? [] : [.. true4, .. other4],
        };
    }

    /// <summary>The rows with keys, as they come back from a file, which is how they come from the detector's process.</summary>
    private IDataView Detected()
    {
        IDataView rows = _context.Data.LoadFromEnumerable(Enumerable.Range(0, Images).Select(Row));
        IDataView keys = _context.Transforms.Conversion.MapValueToKey("PredictedLabel", keyData: _context.Data.LoadFromEnumerable(ObjectDetector.Classes.Select(name => new NameRow { Name = name })))
            .Fit(rows).Transform(rows);
        string file = _folder.File($"{_folder.Files.Length}.idv");
        using (FileStream stream = File.Create(file))
            _context.Data.SaveAsBinary(keys, stream);
        return _context.Data.LoadFromBinary(file);
    }

    private IDataView Segmented(ThresholdSegmenter segmenter)
    {
        IDataView detected = Detected();
        return _context.Transforms.LoadImages("Image", _folder.Path, "ImagePath")
            .Append(_context.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
            .Append(_context.DrSeg().Segment(segmenter, boxColumnName: "PredictedBoundingBoxes"))
            .Fit(detected).Transform(detected);
    }

    [Test]
    public void TheColumnsAreThoseOfTheDetector()
    {
        using ObjectDetectionTransformer detector = ObjectDetector.Create(_context);
        DataViewSchema theirs = detector.GetOutputSchema(_context.Data.LoadFromEnumerable<ImageRow>([]).Schema), ours = Detected().Schema;
        foreach (string name in Outputs)
            Assert.That(ours[name].Type, Is.EqualTo(theirs[name].Type), name);
        Assert.That(theirs["PredictedLabel"].Annotations.Schema["KeyValues"].Type, Is.EqualTo(ours["PredictedLabel"].Annotations.Schema["KeyValues"].Type));
        Assert.That(((VectorDataViewType)theirs["PredictedBoundingBoxes"].Type).IsKnownSize, Is.False);
    }

    // Were it to run, docs/guides/mlnet.md would have to say so, and these tests could ask it.
    [Test]
    public void TheDetectorDoesNotRunBesideThisTorchSharp()
    {
        using ObjectDetectionTransformer detector = ObjectDetector.Create(_context);
        IDataView detected = detector.Transform(_context.Data.LoadFromEnumerable<ImageRow>([new() { Image = TinyModel.Example(0).Image.ToMLImage() }]));
        Assert.That(() => detected.GetColumn<float[]>("PredictedBoundingBoxes").ToArray(), Throws.TypeOf<MissingMethodException>().With.Message.Contains("interpolate"));
    }

    [Test]
    public void ItsBoxesAreSegmentedAsTheyCome()
    {
        SegmentationMaskList[] lists = [.. Segmented(new ThresholdSegmenter()).GetColumn<SegmentationMaskList>("PredictedMask")];
        Assert.That(lists.Select(list => list.Count), Is.EqualTo(new[] { 2, 2, 2, 2, 2, 0 }));
        for (var i = 0; i < Images - 1; i++)
        {
            RgbImage image = TinyModel.Example(i).Image;
            Assert.That(lists[i], Is.EqualTo(new[] { ThresholdSegmenter.Bright(image, TinyModel.Example(i).Mask.Box), ThresholdSegmenter.Bright(image, new(0, 0, 40, 3.5f)) }));
        }
    }

    [Test]
    public void ItsDetectionsAreEvaluatedByBoth()
    {
        IDataView segmented = Segmented(new ThresholdSegmenter());
        DataViewSchema.Column Of(string name) => segmented.Schema[name];
        ObjectDetectionMetrics theirs = _context.MulticlassClassification.EvaluateObjectDetection(
            segmented, Of("Label"), Of("Box"), Of("PredictedLabel"), Of("PredictedBoundingBoxes"), Of("Score"));
        DetectionMetrics ours = _context.DrSeg().Evaluate(segmented, new DetectionEvaluationOptions
        {
            Settings = new() { Overlap = DetectionOverlap.Boxes },
            CategoryColumnName = "Label",
            MaskColumnName = null,
            BoxColumnName = "Box",
            PredictedCategoryColumnName = "PredictedLabel",
            PredictedMaskColumnName = "PredictedMask",
            PredictedBoxColumnName = "PredictedBoundingBoxes",
        });
        Assert.That((double)theirs.MAP50, Is.EqualTo(ours.AveragePrecision50!.Value).Within(.01).And.InRange(.3, .95));
    }
}
