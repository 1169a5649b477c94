using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Tests.Models;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Pipeline;

/// <summary>mlContext.DrSeg().Segment: masks from boxes and points.</summary>
public class PromptSegmentationTests
{
    private readonly MLContext _context = new(1);
    private DrSegModel _model = null!;

    private sealed class Row
    {
        [Transforms.Image.ImageType(TinyModel.Side, TinyModel.Side)]
        public MLImage? Image { get; set; }

        [VectorType(4)]
        public float[] Box { get; set; } = [];

        public float[] Point { get; set; } = [];

        public string Query { get; set; } = "blue";
    }

    [OneTimeSetUp]
    public void MakeTheModel() => _model = TinyModel.Trained();

    [OneTimeTearDown]
    public void DisposeTheModel() => _model.Dispose();

    private static Row[] Rows(int count) => [.. TinyModel.Examples(count).Select(example =>
    {
        BoundingBox box = example.Mask.Box;
        return new Row { Image = example.Image.ToMLImage(), Box = [box.X0, box.Y0, box.X1, box.Y1], Point = [box.X0 + 1, box.Y0 + 1], Query = example.Query };
    })];

    private SegmentationMask[] Masks(PromptSegmentationEstimator step, params Row[] rows)
    {
        IDataView view = _context.Data.LoadFromEnumerable(rows);
        return [.. step.Fit(view).Transform(view).GetColumn<SegmentationMask>("PredictedMask")];
    }

    [Test]
    public void MasksAreThoseOfTheSegmenter()
    {
        SegmenterPrompt[] PromptsBy(Func<SegmentationExample, PixelPoint> point) => [.. TinyModel.Examples(5).Select(e => new SegmenterPrompt(e.Image, e.Mask.Box, point(e)))];
        Assert.That(Masks(_context.DrSeg().Segment(_model.Segmenter, pointColumnName: "Point"), Rows(5)),
            Is.EqualTo(_model.Segmenter.Segment(PromptsBy(e => new(e.Mask.Box.X0 + 1, e.Mask.Box.Y0 + 1)))));
        Assert.That(Masks(_context.DrSeg().Segment(_model.Segmenter), Rows(5)), Is.EqualTo(_model.Segmenter.Segment(PromptsBy(e => e.Mask.Box.Center))), "the middle of the box without a point");
    }

    [Test]
    public void AnotherSegmenterDrawsWhatAPolicyAnswered()
    {
        using var answering = new GrpoSegmentationTransformer(_model.Clone());
        IDataView answered = answering.Transform(_context.Data.LoadFromEnumerable(Rows(5)));
        IDataView drawn = _context.DrSeg().Segment(new ThresholdSegmenter(), boxColumnName: "PredictedBox", pointColumnName: "PredictedPoint", predictedMaskColumnName: "Bright").Fit(answered).Transform(answered);
        foreach ((SegmentationMask mask, float[] box) in drawn.GetColumn<SegmentationMask>("Bright").Zip(drawn.GetColumn<float[]>("PredictedBox")))
            Assert.That(mask.Area == 0 || mask.Box.Intersect(new(box[0] - 1, box[1] - 1, box[2] + 1, box[3] + 1)) == mask.Box, $"{mask.Box} in {string.Join(" ", box)}");
    }

    [Test]
    public void AnEmptyBoxIsAnEmptyMask()
    {
        var segmenter = new ThresholdSegmenter();
        Row row = Rows(1)[0];
        row.Box = [0, 0, 0, 0];
        SegmentationMask mask = Masks(_context.DrSeg().Segment(segmenter), row).Single();
        Assert.That((mask.Width, mask.Height, mask.Area, segmenter.Asked), Is.EqualTo((TinyModel.Side, TinyModel.Side, 0, 0)));
    }

    [Test]
    public void BadRowsAreNamed()
    {
        Row[] short3 = Rows(2), noImage = Rows(2);
        short3[1].Box = [1, 2, 3];
        noImage[1].Image = null;
        Assert.That(() => Masks(_context.DrSeg().Segment(_model.Segmenter), short3), Throws.InvalidOperationException.With.Message.Contains("Row 1").And.Message.Contains("'Box'").And.Message.Contains("expected 4"));
        Assert.That(() => Masks(_context.DrSeg().Segment(_model.Segmenter), noImage), Throws.InvalidOperationException.With.Message.Contains("Row 1 has no image"));
        foreach (float number in new[] { float.NaN, float.PositiveInfinity })
        {
            Row[] endless = Rows(2);
            endless[1].Box = [0, 0, number, 9];
            Assert.That(() => Masks(_context.DrSeg().Segment(_model.Segmenter), endless), Throws.InvalidOperationException.With.Message.Contains("Row 1").And.Message.Contains("'Box'").And.Message.Contains("must be finite"));
        }
        // What ML.NET's LoadImages hands on for a row without a path.
        Row[] disposed = Rows(2);
        disposed[1].Image!.Dispose();
        Assert.That(() => Masks(_context.DrSeg().Segment(_model.Segmenter), disposed), Throws.InvalidOperationException.With.Message.Contains("Row 1 has no image"));
        Assert.That(() => _context.DrSeg().Segment(_model.Segmenter, boxColumnName: ""), Throws.ArgumentException.With.Message.Contains("BoxColumnName"));
    }

    private sealed class SizedRow
    {
        [Transforms.Image.ImageType(TinyModel.Side, TinyModel.Side)]
        public MLImage? Image { get; set; }

        [VectorType(3)]
        public float[] Box { get; set; } = [1, 2, 3];
    }

    [Test]
    public void AVectorTypeOfAnotherSizeIsFoundFirst()
    {
        IDataView view = _context.Data.LoadFromEnumerable<SizedRow>([]);
        Assert.That(() => _context.DrSeg().Segment(_model.Segmenter).Fit(view), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("'Box'").And.Message.Contains("vectors of 4 numbers"));
    }

    [Test]
    public void ASegmenterIsNotSaved()
    {
        using var folder = new TemporaryFolder();
        IDataView view = _context.Data.LoadFromEnumerable(Rows(1));
        PromptSegmentationTransformer step = _context.DrSeg().Segment(new ThresholdSegmenter()).Fit(view);
        Assert.That(() => step.SaveDrSeg(folder.File("a.drseg")), Throws.TypeOf<NotSupportedException>().With.Message.Contains("ThresholdSegmenter"));
        Assert.That(() => _context.Model.Save(step, view.Schema, folder.File("a.zip")), Throws.TypeOf<NotSupportedException>().With.Message.Contains("ThresholdSegmenter"));
    }
}
