using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;
using TorchSharp;
using static Microsoft.ML.DrSeg.Qwen.Tests.Sam2Reference;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>The segmenter as a user meets it, with the tiny random model.</summary>
public class Sam2SegmenterTests
{
    private static readonly BoundingBox Box = new(10, 20, 60, 50);
    private static readonly PixelPoint Point = new(30, 30);

    private static RgbImage Picture(int seed, int width = 90, int height = 70)
    {
        var image = new RgbImage(width, height);
        new Random(seed).NextBytes(image.Pixels);
        return image;
    }

    // By hand, object by object, through the parts that are checked against the reference.
    private static SegmentationMask Expected(RgbImage image, ObjectPrompt prompt, bool single = false)
    {
        using var scope = NewDisposeScope();
        using Sam2Weights weights = ReadWeights();
        using var encoder = new ImageEncoder(Shape, weights);
        using var prompts = new PromptEncoder(Shape, weights);
        ImageEmbedding embedding = encoder.Encode(tensor(SquareInput.Of(image, 128), [1, 3, 128, 128]));
        float[] points = [.. prompt.Labelled().SelectMany(point => new[] { point.Place.X * 128 / image.Width, point.Place.Y * 128 / image.Height })];
        long[] labels = [.. prompt.Labelled().Select(point => (long)point.Label)];
        MaskPredictions found = new MaskDecoder(Shape, weights).Decode(
            embedding, prompts.Points(tensor(points, [1, labels.Length, 2]), tensor(labels, [1, labels.Length])), prompts.NoMask, prompts.Grid);
        float[] quality = Values(found.Quality);
        int mask = single ? MaskChoice.Single(Values(found.Logits[0][0]), quality, Shape.Stability) : 1 + MaskChoice.Best(quality.AsSpan(1));
        return new LowResolutionMask(32, image.Width, image.Height).Cut(Values(found.Logits[0][mask]));
    }

    private static double Overlap(SegmentationMask a, SegmentationMask b) => a.Equals(b) ? 1 : a.IntersectionOverUnion(b);

    [Test]
    public void MasksComeInTheOrderOfThePromptsWhateverTheirImages()
    {
        using Sam2Segmenter segmenter = Segmenter();
        RgbImage a = Picture(1), b = Picture(2, 40, 120);
        SegmenterPrompt[] prompts =
        [
            new(a, Box, Point), new(b, new(5, 5, 30, 100), new(20, 60)), new(a, new(0, 0, 90, 70), new(80, 5)),
            new(b, default, new(3, 3)), new(a, Box, new(float.NaN, float.NaN)), new(a, Box, new(12, 48)),
        ];
        SegmentationMask[] masks = segmenter.Segment(prompts);
        for (int i = 0; i < prompts.Length; i++)
        {
            Assert.That((masks[i].Width, masks[i].Height), Is.EqualTo((prompts[i].Image.Width, prompts[i].Image.Height)));
            // In a batch sums are taken in another order: a pixel of the border may differ.
            Assert.That(Overlap(masks[i], Expected(prompts[i].Image, ObjectPrompt.Of(prompts[i]))), Is.GreaterThan(.999), $"prompt {i}");
        }
        Assert.That(masks.Any(mask => mask.Area > 0 && mask.Area < mask.Width * mask.Height), "a mask that is neither nothing nor all");
    }

    [Test]
    public void MoreObjectsThanABatchAreAllSegmented()
    {
        using Sam2Segmenter segmenter = Segmenter();
        RgbImage image = Picture(3);
        SegmenterPrompt[] prompts = [.. Enumerable.Range(0, 21).Select(i => new SegmenterPrompt(image, new(i, i, i + 30, i + 25), new(i + 9, i + 9)))];
        SegmentationMask[] masks = segmenter.Segment(prompts);
        foreach (int i in new[] { 0, 7, 8, 20 })
            Assert.That(Overlap(masks[i], segmenter.Segment([prompts[i]])[0]), Is.GreaterThan(.999), $"object {i}");
        Assert.That(segmenter.Segment([]), Is.Empty);
    }

    [Test]
    public void AnyNumberOfPointsOnAndOffTheObject()
    {
        using Sam2Segmenter segmenter = Segmenter();
        RgbImage image = Picture(4);
        ObjectPrompt[] prompts =
        [
            new(Box), new(null, new PromptPoint(Point, true)), new(null, new PromptPoint(Point, true), new(new(70, 10), false)),
            new(Box, new PromptPoint(Point, true), new(new(50, 30), false), new(new(20, 25), true)),
        ];
        SegmentationMask[] masks = segmenter.SegmentObjects([.. prompts.Select(prompt => (image, prompt))]);
        for (int i = 0; i < prompts.Length; i++)
            Assert.That(Overlap(masks[i], Expected(image, prompts[i])), Is.GreaterThan(.999), $"prompt {i}");
    }

    [Test]
    public void NeitherBoxNorPointIsRefused()
    {
        using Sam2Segmenter segmenter = Segmenter();
        var error = Assert.Throws<ArgumentException>(() => segmenter.Segment([new(Picture(1), default, new(float.NaN, 1))]));
        Assert.That(error!.Message, Does.Contain("needs a box or a point"));
        Assert.That(() => new ObjectPrompt(null), Throws.ArgumentException);
        Assert.That(() => segmenter.Segment(null!), Throws.ArgumentNullException);
    }

    [Test]
    public void TheSingleMaskIsAChoice()
    {
        using Sam2Segmenter segmenter = Segmenter(new() { SingleMask = true });
        RgbImage image = Picture(5);
        foreach (BoundingBox box in new[] { Box, new(0, 0, 90, 70), new(40, 40, 50, 50) })
            Assert.That(Overlap(segmenter.Segment([new(image, box, box.Center)])[0], Expected(image, new(box, new PromptPoint(box.Center, true)), single: true)), Is.GreaterThan(.999));
    }

    [Test]
    public void AnImageIsEncodedOnceWhileItIsKept()
    {
        using Sam2Segmenter segmenter = Segmenter();
        RgbImage a = Picture(1), b = Picture(2);
        segmenter.Segment([new(a, Box, Point), new(b, Box, Point), new(a, Box, new(11, 21))]);
        Assert.That(segmenter.Cache.Count, Is.EqualTo(2));
        ImageEmbedding known = segmenter.Cache.Get(a, _ => throw new InvalidOperationException("encoded again"));
        // 4 x 32 x 32 + 8 x 16 x 16 + 32 x 8 x 8 numbers of four bytes.
        Assert.That(segmenter.Cache.Bytes, Is.EqualTo(2 * 4 * 8192));
        Assert.That(known.Bytes, Is.EqualTo(4 * 8192));
        using Sam2Segmenter small = Segmenter(new() { CacheBytes = 4 * 8192 });
        small.Segment([new(a, Box, Point), new(b, Box, Point)]);
        Assert.That(small.Cache.Count, Is.EqualTo(1));
        GC.KeepAlive((a, b));
    }

    [Test]
    public void ScopesOfTheCallerDoNotReachWhatIsKept()
    {
        using Sam2Segmenter segmenter = Segmenter();
        RgbImage image = Picture(1);
        SegmentationMask first;
        using (NewDisposeScope())
            first = segmenter.Segment([new(image, Box, Point)])[0];
        Assert.That(segmenter.Segment([new(image, Box, Point)])[0], Is.EqualTo(first));
    }

    [Test]
    public void NoTensorIsLeftBehind()
    {
        using Sam2Segmenter segmenter = Segmenter(new() { CacheBytes = 0 });
        segmenter.Segment([new(Picture(1), Box, Point)]);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 5; i++)
            segmenter.Segment([new(Picture(i), Box, Point), new(Picture(i), default, Point)]);
        Assert.That(DisposeScopeManager.Statistics.ThreadTotalLiveCount, Is.EqualTo(before));
    }

    [Test]
    public void ThreadsShareIt()
    {
        using Sam2Segmenter segmenter = Segmenter(new() { CacheBytes = 0 });
        RgbImage[] images = [.. Enumerable.Range(0, 4).Select(i => Picture(i))];
        SegmentationMask[] alone = [.. images.Select(image => segmenter.Segment([new(image, Box, Point)])[0])];
        var together = new SegmentationMask[16];
        Parallel.For(0, together.Length, i => together[i] = segmenter.Segment([new(images[i % 4], Box, Point)])[0]);
        for (int i = 0; i < together.Length; i++)
            Assert.That(Overlap(together[i], alone[i % 4]), Is.GreaterThan(.999));
    }

    [Test]
    public void BrainFloatMovesFewPixels()
    {
        using Sam2Segmenter exact = Segmenter(), rough = Segmenter(new() { EncoderType = ScalarType.BFloat16 });
        SegmenterPrompt[] prompts = [.. Enumerable.Range(0, 6).Select(i => new SegmenterPrompt(Picture(i), Box, Point))];
        double[] overlaps = [.. exact.Segment(prompts).Zip(rough.Segment(prompts), Overlap)];
        Assert.That(overlaps.Average(), Is.GreaterThan(.9), string.Join(" ", overlaps));
    }

    [Test]
    public void OptionsAreChecked()
    {
        Assert.That(() => Sam2Segmenter.Load("x", options: new() { EncoderType = ScalarType.Float64 }), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("EncoderType"));
        Assert.That(() => Sam2Segmenter.Load("x", options: new() { CacheBytes = -1 }), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("CacheBytes"));
    }

    [Test]
    public void ADisposedSegmenterSaysSo()
    {
        Sam2Segmenter segmenter = Segmenter();
        segmenter.Dispose();
        segmenter.Dispose();
        Assert.That(() => segmenter.Segment([new(Picture(1), Box, Point)]), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void ItSegmentsRowsOfAPipeline()
    {
        using var folder = new TemporaryFolder();
        WriteFolder(folder.Path);
        using var segmenter = Sam2Segmenter.Load(folder.Path);
        var context = new MLContext(1);
        BoxRow[] rows = [.. TinyModel.Examples(3).Select(example => new BoxRow { Image = example.Image.ToMLImage(), Box = [example.Mask.Box.X0, example.Mask.Box.Y0, example.Mask.Box.X1, example.Mask.Box.Y1] })];
        IDataView view = context.Data.LoadFromEnumerable(rows);
        SegmentationMask[] masks = [.. context.DrSeg().Segment(segmenter).Fit(view).Transform(view).GetColumn<SegmentationMask>("PredictedMask")];
        Assert.That(masks, Is.EqualTo(TinyModel.Examples(3).Select(example => segmenter.Segment([new(example.Image, example.Mask.Box, example.Mask.Box.Center)])[0])));
    }

    private sealed class BoxRow
    {
        [Transforms.Image.ImageType(TinyModel.Side, TinyModel.Side)]
        public MLImage? Image { get; set; }

        [VectorType(4)]
        public float[] Box { get; set; } = [];
    }

    [Test]
    public void LookToConfirmDrawsItsMasksWithIt()
    {
        // A policy that always answers, and a confirmation that has learned nothing: which mask is chosen does not matter here.
        using DrSegModel compact = TinyModel.Fresh();
        using var policy = new TablePolicy();
        using Sam2Segmenter segmenter = Segmenter();
        // The parts stay with their owners: this model is not disposed.
        var model = new DrSegModel(policy, segmenter, compact.Confirmation);
        SegmentationQuery[] queries = [.. TinyModel.Examples(3).Select(example => new SegmentationQuery(example.Image, example.Query, example.Id))];
        using LookToConfirmSession session = new LookToConfirmLoop(model).Run(queries, new LookToConfirmOptions { Threshold = float.PositiveInfinity, FirstLookAnswers = 2, CloserViews = 1, AnswersPerCloserView = 1 }, seed: 1);
        foreach ((LookToConfirmResult result, SegmentationQuery query) in session.Results.Zip(queries))
        {
            Assert.That(result.LookedAgain);
            SegmentationMask[] expected = segmenter.Segment([.. result.Hypotheses.Select(hypothesis => hypothesis.Generated.Objects![0]).Select(found => new SegmenterPrompt(query.Image, found.Box, found.Point))]);
            Assert.That(result.Hypotheses.Zip(expected, (hypothesis, mask) => Overlap(hypothesis.Mask!, mask)), Is.All.GreaterThan(.999));
        }
        var context = new MLContext(1);
        IDataView rows = context.Data.LoadFromEnumerable(QueryRow.Many(3));
        Prediction[] predictions = Prediction.Of(context, context.DrSeg().LookToConfirm(new LookToConfirmEstimator.Options { Model = model, Threshold = float.PositiveInfinity, FirstLookAnswers = 2, CloserViews = 1, AnswersPerCloserView = 1 }).Fit(rows).Transform(rows));
        Assert.That(predictions.Select(prediction => prediction.PredictedMask.Width), Is.All.EqualTo(TinyModel.Side));
    }
}
