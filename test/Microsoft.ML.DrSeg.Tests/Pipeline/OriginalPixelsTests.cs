using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Tests.Models;
using NUnit.Framework;
using static Microsoft.ML.Transforms.Image.ImageResizingEstimator;

namespace Microsoft.ML.DrSeg.Tests.Pipeline;

/// <summary>Predictions are in pixels of the image that came, whatever size the policy saw, and come back to the original's after ML.NET resized it.</summary>
public class OriginalPixelsTests
{
    private static readonly (int Width, int Height)[] OddSizes = [(37, 61), (127, 50), (33, 33), (201, 13), (64, 48), (7, 95)];

    private readonly MLContext _context = new(1);

    private sealed class Row
    {
        [Transforms.Image.ImageType(1, 1)]
        public MLImage? OriginalImage { get; set; }

        public string Query { get; set; } = "blue";

        [VectorType(4)]
        public float[] Box { get; set; } = [];

        [VectorType(2)]
        public float[] Point { get; set; } = [0, 0];
    }

    /// <summary>A bright rectangle from a third to five sixths of either side.</summary>
    private static (RgbImage Image, SegmentationMask Object) Picture(int width, int height)
    {
        var box = new BoundingBox(width / 3, height / 3, Math.Max(width / 3 + 1, width * 5 / 6), Math.Max(height / 3 + 1, height * 5 / 6));
        var pixels = new byte[3 * width * height];
        for (int y = (int)box.Y0; y < box.Y1; y++)
            for (int x = (int)box.X0; x < box.X1; x++)
                pixels[3 * (y * width + x)] = 255;
        return (new RgbImage(width, height, pixels), SegmentationMask.FromBox(box, width, height));
    }

    [Test]
    public void APolicySeesASquareAndAnswersInPixelsOfTheImage()
    {
        using var answering = new GrpoSegmentationTransformer(new DrSegModel(new TablePolicy(bins: 4), new ThresholdSegmenter(), TinyModel.Trained().Confirmation), new() { ImageColumnName = "OriginalImage" });
        foreach ((int width, int height) in OddSizes)
        {
            (RgbImage image, SegmentationMask bright) = Picture(width, height);
            Prediction found = Prediction.Of(_context, answering.Transform(_context.Data.LoadFromEnumerable(new[] { new Row { OriginalImage = image.ToMLImage() } }))).Single();
            // The table's greedy answer: bins 0 to 2 of 4 along both axes of the square about the image.
            float side = Math.Max(width, height), left = (width - side) / 2, top = (height - side) / 2;
            var box = new BoundingBox(left, top, left + 0.75f * side, top + 0.75f * side);
            BoundingBox inside = box.Clamp(width, height);
            Assert.That(found.PredictedBox, Is.EqualTo(new[] { inside.X0, inside.Y0, inside.X1, inside.Y1 }).Within(1e-3), $"{width} x {height}");
            Assert.That(found.PredictedMask, Is.EqualTo(ThresholdSegmenter.Bright(image, box)), $"{width} x {height}");
            Assert.That(found.PredictedMask.Except(bright).Area, Is.Zero);
        }
    }

    [Test]
    public void MasksComeBackToTheOriginal([Values] ResizingKind resizing, [Values(Anchor.Center, Anchor.Left, Anchor.Bottom)] Anchor anchor)
    {
        const int Width = 64, Height = 48;
        foreach ((int width, int height) in OddSizes)
        {
            (RgbImage image, SegmentationMask bright) = Picture(width, height);
            IDataView rows = _context.Data.LoadFromEnumerable(new[] { new Row { OriginalImage = image.ToMLImage(), Box = [0, 0, Width, Height] } });
            IDataView found = _context.Transforms.ResizeImages("Image", Width, Height, "OriginalImage", resizing, anchor)
                .Append(_context.DrSeg().Segment(new ThresholdSegmenter()))
                .Append(_context.DrSeg().ToOriginalPixels(new() { Resizing = resizing, CropAnchor = anchor, BoxColumnNames = ["Box"], PointColumnNames = ["Point"] }))
                .Fit(rows).Transform(rows);
            SegmentationMask mask = found.GetColumn<SegmentationMask>("PredictedMask").Single();
            float[] seen = found.GetColumn<float[]>("Box").Single();
            string name = $"{width} x {height} {resizing} {anchor}";
            Assert.That((mask.Width, mask.Height), Is.EqualTo((width, height)), name);
            ResizedPlacement placement = ResizeImagesPlacement.Of(width, height, Width, Height, resizing, anchor);
            if (placement.Width == 0 || placement.Height == 0) continue;
            // What could be seen at all is the object's part within the box that the whole resized image came back as.
            SegmentationMask visible = bright.Intersect(SegmentationMask.FromBox(new(seen[0], seen[1], seen[2], seen[3]), width, height));
            // No border is off by more than the size of a resized pixel, and one of the original's for rounding.
            float across = 1 + (float)width / placement.Width, down = 1 + (float)height / placement.Height;
            if (visible.Area == 0 || mask.Area == 0)
            {
                Assert.That(Math.Max(visible.Box.Width - 2 * across, visible.Box.Height - 2 * down), Is.LessThanOrEqualTo(0), name);
                continue;
            }
            Assert.That(mask.Box.X0, Is.EqualTo(visible.Box.X0).Within(across), name);
            Assert.That(mask.Box.X1, Is.EqualTo(visible.Box.X1).Within(across), name);
            Assert.That(mask.Box.Y0, Is.EqualTo(visible.Box.Y0).Within(down), name);
            Assert.That(mask.Box.Y1, Is.EqualTo(visible.Box.Y1).Within(down), name);
        }
    }

    [Test]
    public void BoxesAndPointsComeBackToWhereTheyWere([Values] ResizingKind resizing)
    {
        foreach ((int width, int height) in OddSizes)
        {
            ResizedPlacement placement = ResizeImagesPlacement.Of(width, height, 100, 77, resizing, Anchor.Center);
            if (placement.Width == 0 || placement.Height == 0) continue;
            // Forward by hand: the original's width is drawn on the placement's.
            float X(float x) => placement.Left + x * placement.Width / width;
            float Y(float y) => placement.Top + y * placement.Height / height;
            IDataView rows = _context.Data.LoadFromEnumerable(new[]
            {
                new Row { OriginalImage = new RgbImage(width, height).ToMLImage(), Box = [X(1), Y(2), X(width - 1), Y(height + 9)], Point = [X(width / 2f), Y(height / 4f)] },
                new Row { OriginalImage = new RgbImage(width, height).ToMLImage(), Box = [0, 0, 0, 0] },
            });
            var made = _context.Transforms.ResizeImages("Image", 100, 77, "OriginalImage", resizing)
                .Append(_context.DrSeg().Segment(new ThresholdSegmenter(), pointColumnName: "Point"))
                .Append(_context.DrSeg().ToOriginalPixels(new() { Resizing = resizing, BoxColumnNames = ["Box"], PointColumnNames = ["Point"] })).Fit(rows);
            float[][] boxes = [.. made.Transform(rows).GetColumn<float[]>("Box")], points = [.. made.Transform(rows).GetColumn<float[]>("Point")];
            Assert.That(boxes[0], Is.EqualTo(new float[] { 1, 2, width - 1, height }).Within(0.01), $"{width} x {height}");
            Assert.That(points[0], Is.EqualTo(new[] { width / 2f, height / 4f }).Within(0.01), $"{width} x {height}");
            Assert.That((boxes[1], points[1]), Is.EqualTo((new float[4], new float[2])), "none stays none");
        }
    }

    [Test]
    public void ColumnsMayBeNoneAndAreThoseOfTheMoment()
    {
        IDataView rows = _context.Data.LoadFromEnumerable(new[] { new Row { OriginalImage = new RgbImage(40, 30).ToMLImage(), Box = [0, 0, 20, 15] } });
        IDataView resized = _context.Transforms.ResizeImages("Image", 20, 15, "OriginalImage", ResizingKind.Fill)
            .Append(_context.DrSeg().Segment(new ThresholdSegmenter())).Fit(rows).Transform(rows);
        string[] boxes = ["Box"];
        OriginalPixelsEstimator estimator = _context.DrSeg().ToOriginalPixels(new() { Resizing = ResizingKind.Fill, BoxColumnNames = boxes, PointColumnNames = [] });
        boxes[0] = "Nothing";
        Assert.That(estimator.Fit(resized).Transform(resized).GetColumn<float[]>("Box").Single(), Is.EqualTo(new float[] { 0, 0, 40, 30 }));
    }

    [Test]
    public void UsualColumnsAreConvertedWhereTheyAre()
    {
        IDataView rows = _context.Data.LoadFromEnumerable(new[] { new Row { OriginalImage = new RgbImage(40, 30).ToMLImage(), Box = [0, 0, 20, 15] } });
        IDataView resized = _context.Transforms.ResizeImages("Image", 20, 15, "OriginalImage", ResizingKind.Fill)
            .Append(_context.DrSeg().Segment(new ThresholdSegmenter())).Fit(rows).Transform(rows);
        OriginalPixelsEstimator back = _context.DrSeg().ToOriginalPixels("OriginalImage", ResizingKind.Fill);
        Assert.That(back.Fit(resized).Transform(resized).GetColumn<SegmentationMask>("PredictedMask").Single().Width, Is.EqualTo(40), "after a segmenter, which adds no box");
        IDataView boxed = _context.Transforms.CopyColumns("PredictedBox", "Box").Fit(resized).Transform(resized);
        Assert.That(back.Fit(boxed).Transform(boxed).GetColumn<float[]>("PredictedBox").Single(), Is.EqualTo(new float[] { 0, 0, 40, 30 }));
        OriginalPixelsEstimator masks = _context.DrSeg().ToOriginalPixels(new() { Resizing = ResizingKind.Fill, BoxColumnNames = [] });
        Assert.That(masks.Fit(boxed).Transform(boxed).GetColumn<float[]>("PredictedBox").Single(), Is.EqualTo(new float[] { 0, 0, 20, 15 }));
    }

    /// <summary>The offsets that ML.NET 5.0 draws at, worked out by hand from its formula.</summary>
    [TestCase(100, 50, 64, 64, ResizingKind.IsoPad, Anchor.Center, 0, 16, 64, 32)]
    [TestCase(50, 100, 64, 64, ResizingKind.IsoPad, Anchor.Left, 16, 0, 32, 64)]
    [TestCase(37, 61, 64, 48, ResizingKind.IsoPad, Anchor.Center, 17, 0, 29, 48)]
    [TestCase(100, 50, 64, 64, ResizingKind.IsoCrop, Anchor.Center, -32, 0, 128, 64)]
    [TestCase(100, 50, 64, 64, ResizingKind.IsoCrop, Anchor.Left, 0, 0, 128, 64)]
    [TestCase(100, 50, 64, 64, ResizingKind.IsoCrop, Anchor.Right, -64, 0, 128, 64)]
    [TestCase(50, 100, 64, 64, ResizingKind.IsoCrop, Anchor.Bottom, 0, -64, 64, 128)]
    [TestCase(50, 100, 64, 64, ResizingKind.IsoCrop, Anchor.Left, 0, -32, 64, 128)]
    [TestCase(37, 61, 64, 48, ResizingKind.Fill, Anchor.Left, 0, 0, 64, 48)]
    public void PlacementsAreThoseOfMLNet(int sourceWidth, int sourceHeight, int width, int height, ResizingKind resizing, Anchor anchor, int left, int top, int drawnWidth, int drawnHeight) =>
        Assert.That(ResizeImagesPlacement.Of(sourceWidth, sourceHeight, width, height, resizing, anchor), Is.EqualTo(new ResizedPlacement(left, top, drawnWidth, drawnHeight)));

    [Test]
    public void AWholePipelineAnswersInPixelsOfTheFile()
    {
        using var folder = new TemporaryFolder();
        Picture(127, 50).Image.Save(folder.File("wide.png"));
        using var trained = new GrpoSegmentationTransformer(TinyModel.Trained());
        IDataView rows = _context.Data.LoadFromEnumerable(new[] { new FileRow() });
        var images = _context.Transforms.LoadImages("OriginalImage", folder.Path, "ImagePath").Append(_context.Transforms.ResizeImages("Image", 32, 32, "OriginalImage", ResizingKind.Fill)).Fit(rows);
        IDataView resized = images.Transform(rows);
        LookToConfirmTransformer looking = _context.DrSeg().LookToConfirm(new LookToConfirmEstimator.Options { Model = trained.Model, Threshold = 0 }).Fit(resized);
        IDataView answered = looking.Transform(trained.Transform(resized));
        var back = _context.DrSeg().ToOriginalPixels("OriginalImage", ResizingKind.Fill).Fit(answered);
        var chain = images.Append(trained).Append(looking).Append(back);
        Prediction before = Prediction.Of(_context, answered).Single(), after = Prediction.Of(_context, chain.Transform(rows)).Single();
        Assert.That((after.PredictedMask.Width, after.PredictedMask.Height), Is.EqualTo((127, 50)));
        Assert.That(after.PredictedMask, Is.EqualTo(before.PredictedMask.Resize(127, 50)));
        Assert.That(after.PredictedBox[2], Is.EqualTo(before.PredictedBox[2] * 127 / 32).Within(1e-3));
        // The region reaches beyond the image, where the map's grid goes on.
        (float x, float y) = (127f / 32, 50f / 32);
        float[] region = before.ConfidenceRegion;
        Assert.That(region, Has.Some.LessThan(0).Or.Some.GreaterThan(32));
        Assert.That(after.ConfidenceRegion, Is.EqualTo(new[] { region[0] * x, region[1] * y, region[2] * x, region[3] * y }).Within(1e-3));
        // The step is saved with the others, and its model is still handed on.
        chain.SaveDrSeg(folder.File("back.drseg"));
        using TransformerChain<ITransformer> loaded = _context.DrSeg().LoadModel(folder.File("back.drseg"));
        Assert.That(Prediction.Of(_context, loaded.Transform(resized)).Single().ToString(), Is.EqualTo(after.ToString()));
        Assert.That(() => _context.Model.Save(chain, rows.Schema, folder.File("back.zip")), Throws.TypeOf<NotSupportedException>().With.Message.Contains("SaveDrSeg"));
    }

    private sealed class FileRow
    {
        public string ImagePath { get; set; } = "wide.png";
        public string Query { get; set; } = "red";
    }
}
