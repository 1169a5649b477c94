using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Tests.Models;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Pipeline;

/// <summary>mlContext.DrSeg().Segment on rows of any number of boxes: a list of masks each.</summary>
public class ManyBoxesTests
{
    private readonly MLContext _context = new(1);
    private DrSegModel _model = null!;

    private sealed class Row
    {
        [Transforms.Image.ImageType(TinyModel.Side, TinyModel.Side)]
        public MLImage? Image { get; set; }

        public float[] Box { get; set; } = [];

        public float[] Point { get; set; } = [];
    }

    private sealed class Answer
    {
        [SegmentationMaskListType]
        public SegmentationMaskList PredictedMask { get; set; } = null!;
    }

    [OneTimeSetUp]
    public void MakeTheModel() => _model = TinyModel.Trained();

    [OneTimeTearDown]
    public void DisposeTheModel() => _model.Dispose();

    // Two boxes, none, one, three of which one is empty, one outside the image.
    private static Row[] Rows()
    {
        float[][] boxes = [[1, 2, 20, 21, 8.5f, 9, 30, 32], [], [0, 0, 32, 32], [3, 3, 12, 14, 5, 5, 5, 9, 10, 10, 24, 20], [34, 35, 50, 44]];
        return [.. boxes.Select((box, i) => new Row
        {
            Image = TinyModel.Example(i).Image.ToMLImage(),
            Box = box,
            Point = [.. box.Where((_, at) => at % 4 < 2).Select(number => number + 2)],
        })];
    }

    private SegmentationMaskList[] Masks(PromptSegmentationEstimator step, params Row[] rows)
    {
        IDataView view = _context.Data.LoadFromEnumerable(rows);
        return [.. step.Fit(view).Transform(view).GetColumn<SegmentationMaskList>("PredictedMask")];
    }

    [TestCase(false)]
    [TestCase(true)]
    public void EveryBoxGivesAMask(bool hasPoints)
    {
        SegmentationMaskList[] lists = Masks(_context.DrSeg().Segment(_model.Segmenter, pointColumnName: hasPoints ? "Point" : null), Rows());
        Assert.That(lists.Select(list => list.Count), Is.EqualTo(new[] { 2, 0, 1, 3, 1 }));
        foreach (var (list, row, i) in lists.Zip(Rows()).Select((pair, i) => (pair.First, pair.Second, i)))
            foreach (var (mask, at) in list.Select((mask, at) => (mask, at)))
            {
                var box = new BoundingBox(row.Box[4 * at], row.Box[4 * at + 1], row.Box[4 * at + 2], row.Box[4 * at + 3]);
                PixelPoint point = hasPoints ? new(row.Point[2 * at], row.Point[2 * at + 1]) : box.Center;
                SegmentationMask expected = box.IsEmpty
                    ? SegmentationMask.Empty(TinyModel.Side, TinyModel.Side)
                    : _model.Segmenter.Segment([new(TinyModel.Example(i).Image, box, point)]).Single();
                Assert.That(mask, Is.EqualTo(expected), $"row {i}, box {at}");
            }
    }

    [Test]
    public void RowsAreSegmentedTogetherAndEmptyBoxesAreNotAskedAbout()
    {
        var segmenter = new ThresholdSegmenter();
        SegmentationMaskList[] single = Masks(_context.DrSeg().Segment(segmenter), Rows());
        Assert.That(segmenter.Asked, Is.EqualTo(6));
        SegmentationMaskList[] together = Masks(_context.DrSeg().Segment(segmenter, new PromptSegmentationEstimator.Options { PredictionBatchSize = 3 }), Rows());
        Assert.That(together, Is.EqualTo(single));
        Assert.That(single[3].Select(mask => mask!.Area == 0), Is.EqualTo(new[] { false, true, false }));
    }

    [Test]
    public void TheLengthOfTheVectorDecidesBetweenAMaskAndAList()
    {
        DataViewType Promised(DataViewType boxes)
        {
            var builder = new DataViewSchema.Builder();
            builder.AddColumn("Image", new Transforms.Image.ImageDataViewType());
            builder.AddColumn("Box", boxes);
            DataViewSchema schema = builder.ToSchema();
            PromptSegmentationEstimator step = _context.DrSeg().Segment(_model.Segmenter);
            DataViewType promised = step.GetOutputSchema(Shapes.Of(schema)).Single(column => column.Name == "PredictedMask").ItemType;
            DataViewType given = step.Fit(_context.Data.LoadFromEnumerable<Row>([])).GetOutputSchema(schema)["PredictedMask"].Type;
            Assert.That(given, Is.EqualTo(promised));
            return promised;
        }
        Assert.That(Promised(new VectorDataViewType(NumberDataViewType.Single, 4)), Is.EqualTo(SegmentationMaskDataViewType.Instance));
        Assert.That(Promised(new VectorDataViewType(NumberDataViewType.Single)), Is.EqualTo(SegmentationMaskListDataViewType.Instance));
        Assert.That(() => Promised(new VectorDataViewType(NumberDataViewType.Single, 8)), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("vectors of 4 numbers"));
    }

    [Test]
    public void AListCanBeChangedWithoutHarm()
    {
        Row[] rows = Rows();
        using PredictionEngine<Row, Answer> engine = _context.Model.CreatePredictionEngine<Row, Answer>(
            _context.DrSeg().Segment(new ThresholdSegmenter()).Fit(_context.Data.LoadFromEnumerable(rows)));
        SegmentationMaskList first = engine.Predict(rows[0]).PredictedMask;
        Assert.That(first, Has.Count.EqualTo(2));
        first.Clear();
        Assert.That(engine.Predict(rows[0]).PredictedMask, Has.Count.EqualTo(2));
    }

    [Test]
    public void BadRowsAreNamed()
    {
        void Fails(Action<Row> spoil, params string[] parts)
        {
            Row[] rows = Rows();
            spoil(rows[2]);
            var error = Assert.Throws<InvalidOperationException>(() => Masks(_context.DrSeg().Segment(_model.Segmenter, pointColumnName: "Point"), rows));
            foreach (string part in parts.Prepend("Row 2"))
                Assert.That(error!.Message, Does.Contain(part));
        }
        Fails(row => row.Box = [1, 2, 3, 4, 5, 6], "'Box'", "6 numbers", "4 for each box");
        Fails(row => row.Box = [1, 2, float.NaN, 4], "'Box'", "must be finite");
        Fails(row => row.Point = [1, 2, 3, 4], "'Point'", "4 numbers", "expected 2, 2 for each box of the column 'Box'");
        Fails(row => row.Point = [1, float.PositiveInfinity], "'Point'", "must be finite");
        Fails(row => row.Image = null, "has no image");
    }
}
