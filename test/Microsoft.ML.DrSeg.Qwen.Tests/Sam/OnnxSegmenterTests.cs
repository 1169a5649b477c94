using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;
using static Microsoft.ML.DrSeg.Qwen.Tests.OnnxExports;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>Both exports, by models whose outputs are followed by hand.</summary>
public class OnnxSegmenterTests
{
    private static readonly float[] Mean = [.485f, .456f, .406f], Deviation = [.229f, .224f, .225f];

    private TemporaryFolder _folder = null!;

    private string Encoder => _folder.File("encoder.onnx");

    private string Decoder => _folder.File("decoder.onnx");

    [SetUp]
    public void MakeFolder() => _folder = new TemporaryFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    // Each quarter has one colour.
    private static RgbImage Quarters(params byte[] colours)
    {
        var image = new RgbImage(Side, Side);
        for (int y = 0; y < Side; y++)
            for (int x = 0; x < Side; x++)
                for (int c = 0; c < 3; c++)
                    image.Pixels[3 * (y * Side + x) + c] = colours[3 * (y / 4 * 2 + x / 4) + c];
        return image;
    }

    private static readonly RgbImage Picture = Quarters(250, 0, 120, 10, 200, 120, 130, 90, 30, 60, 160, 220), Other = Quarters(0, 0, 0, 250, 250, 250, 0, 0, 0, 250, 250, 250);

    private static float Normal(RgbImage image, int quarter, int channel) =>
        (image.Pixels[3 * (quarter / 2 * 4 * Side + quarter % 2 * 4) + channel] / 255f - Mean[channel]) / Deviation[channel];

    private static SegmentationMask Expected(RgbImage image, float sum, int mask)
    {
        float mean = Enumerable.Range(0, 12).Average(i => Normal(image, i / 3, i % 3));
        float[] logits = [.. Enumerable.Range(0, 4).Select(quarter => Normal(image, quarter, mask) - mean + Slopes[mask] * sum)];
        return new LowResolutionMask(2, image.Width, image.Height).Cut(logits);
    }

    [Test]
    public void SamExporterTakesCornersAsPointsWithLabels()
    {
        SaveSamExporter(Encoder, Decoder);
        using var segmenter = OnnxSegmenter.Load(Encoder, Decoder);
        SegmentationMask[] masks = segmenter.Segment(
        [
            new(Picture, new(1, 2, 4, 6), new(3, 4)), // 3 + 4 + 2 (1 + 2) + 3 (4 + 6) = 43
            new(Other, new(1, 2, 4, 6), new(1, 1)), // 38
            new(Picture, new(0, 0, 4, 4), new(1, 1)), // 26
            new(Picture, default, new(3, 4)), // 7
            new(Picture, new(1, 2, 4, 6), new(float.NaN, 0)), // 36
        ]);
        Assert.That(masks, Is.EqualTo(new[] { Expected(Picture, 43, 2), Expected(Other, 38, 0), Expected(Picture, 26, 0), Expected(Picture, 7, 0), Expected(Picture, 36, 0) }));
        Assert.That(masks.Distinct().Count(), Is.GreaterThan(2));
        Assert.That(masks, Is.All.Matches<SegmentationMask>(mask => mask.Area is > 0 and < Side * Side));
    }

    [Test]
    public void SamExportersSingleMaskIsTakenAsItIs()
    {
        SaveSamExporter(Encoder, Decoder, single: true);
        using var segmenter = OnnxSegmenter.Load(Encoder, Decoder);
        float mean = Enumerable.Range(0, 12).Average(i => Normal(Picture, i / 3, i % 3));
        float[] largest = [.. Enumerable.Range(0, 4).Select(quarter => Enumerable.Range(0, 3).Max(mask => Normal(Picture, quarter, mask) - mean + Slopes[mask] * 43))];
        Assert.That(segmenter.Segment([new(Picture, new(1, 2, 4, 6), new(3, 4))])[0], Is.EqualTo(new LowResolutionMask(2, Side, Side).Cut(largest)));
    }

    [Test]
    public void TransformersTakesBoxesApartFromPoints()
    {
        SaveTransformers(Encoder, Decoder);
        using var segmenter = OnnxSegmenter.Load(Encoder, Decoder);
        // The sum of all boxes, 13 + 8, counts for every object; the points are 10 and 30.
        Assert.That(segmenter.Segment([new(Picture, new(1, 2, 4, 6), new(3, 7)), new(Picture, new(0, 0, 4, 4), new(14, 16))]), Is.EqualTo(new[] { Expected(Picture, 31, 0), Expected(Picture, 51, 2) }));
        Assert.That(segmenter.Segment([new(Picture, default, new(3, 7))])[0], Is.EqualTo(Expected(Picture, 10, 0)), "no box");
        Assert.That(() => segmenter.Segment([new(Picture, new(1, 2, 4, 6), new(float.NaN, 7))]), Throws.ArgumentException.With.Message.Contains("only together with points"));
    }

    [Test]
    public void CoordinatesAreThoseOfTheModelsSquareAndMasksThoseOfTheImage()
    {
        SaveSamExporter(Encoder, Decoder);
        using var segmenter = OnnxSegmenter.Load(Encoder, Decoder);
        var wide = new RgbImage(16, 4);
        Array.Fill(wide.Pixels, (byte)200);
        // Halved along x and doubled along y: 1.5 + 6 + 2 (0.5 + 2) + 3 (2 + 8) = 42.5.
        SegmentationMask mask = segmenter.Segment([new(wide, new(1, 1, 4, 4), new(3, 3))])[0];
        float mean = Enumerable.Range(0, 3).Average(c => (200 / 255f - Mean[c]) / Deviation[c]);
        bool inside = (200 / 255f - Mean[2]) / Deviation[2] - mean + Slopes[2] * 42.5f > 0;
        Assert.That((mask.Width, mask.Height, mask.Area), Is.EqualTo((16, 4, inside ? 64L : 0L)));
    }

    [Test]
    public void AnImageIsEncodedOnceWhileItIsKept()
    {
        SaveSamExporter(Encoder, Decoder);
        using OnnxSegmenter keeps = OnnxSegmenter.Load(Encoder, Decoder), forgets = OnnxSegmenter.Load(Encoder, Decoder, cacheBytes: 0);
        RgbImage image = Quarters(Picture.Pixels[..3].Concat(Enumerable.Repeat((byte)90, 9)).ToArray());
        SegmenterPrompt prompt = new(image, new(1, 2, 4, 6), new(3, 4)), other = new(Other, new(1, 2, 4, 6), new(3, 4));
        SegmentationMask before = keeps.Segment([prompt])[0];
        forgets.Segment([prompt, other]);
        Array.Fill(image.Pixels, (byte)77);
        Assert.That(keeps.Segment([other, prompt])[1], Is.EqualTo(before), "pixels that change are not looked at again");
        Assert.That(forgets.Segment([prompt])[0], Is.Not.EqualTo(before));
    }

    [Test]
    public void OtherModelsAreRefusedByWhatTheyTakeAndGive()
    {
        SaveSamExporter(Encoder, Decoder);
        string other = _folder.File("other.onnx"), half = _folder.File("half.onnx");
        new OnnxModel().Input("tokens", OnnxModel.Float, 1).Node("Identity", ["tokens"], "words").Output("words", OnnxModel.Float, 1).Save(other);
        Assert.That(() => OnnxSegmenter.Load(Encoder, other), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("'tokens'").And.Message.Contains("'point_coords'").And.Message.Contains("'input_points'"));
        Assert.That(() => OnnxSegmenter.Load(other, Decoder), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("'tokens'").And.Message.Contains("'pixel_values'"));
        SaveTransformers(_folder.File("vision.onnx"), _folder.File("prompt.onnx"));
        Assert.That(() => OnnxSegmenter.Load(_folder.File("vision.onnx"), Decoder), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("from one export"));
        new OnnxModel().Input("image", OnnxModel.Half, 1, 3, 8, 8)
            .Node("Identity", ["image"], "high_res_feats_0").Node("Identity", ["image"], "high_res_feats_1").Node("Identity", ["image"], "image_embed")
            .Output("high_res_feats_0", OnnxModel.Half, 1, 3, 8, 8).Output("high_res_feats_1", OnnxModel.Half, 1, 3, 8, 8).Output("image_embed", OnnxModel.Half, 1, 3, 8, 8).Save(half);
        Assert.That(() => OnnxSegmenter.Load(half, Decoder), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("'image'").And.Message.Contains("32-bit"));
    }

    [Test]
    public void FilesThatAreMissingOrNoModelsAreNamed()
    {
        SaveSamExporter(Encoder, Decoder);
        Assert.That(() => OnnxSegmenter.Load(Encoder, _folder.File("none.onnx")), Throws.InstanceOf<FileNotFoundException>().With.Message.Contains("none.onnx"));
        File.WriteAllText(_folder.File("text.onnx"), "this is not a model");
        Assert.That(() => OnnxSegmenter.Load(_folder.File("text.onnx"), Decoder), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("text.onnx"));
        Assert.That(() => OnnxSegmenter.Load(Encoder, Decoder, cacheBytes: -1), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("cacheBytes"));
    }

    [Test]
    public void ADisposedSegmenterSaysSo()
    {
        SaveSamExporter(Encoder, Decoder);
        var segmenter = OnnxSegmenter.Load(Encoder, Decoder);
        segmenter.Dispose();
        Assert.That(() => segmenter.Segment([new(Picture, new(1, 2, 4, 6), new(3, 4))]), Throws.InstanceOf<ObjectDisposedException>());
    }
}
