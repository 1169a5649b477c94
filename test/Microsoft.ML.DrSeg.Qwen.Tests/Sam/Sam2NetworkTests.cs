using NUnit.Framework;
using static Microsoft.ML.DrSeg.Qwen.Tests.Sam2Reference;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>Every part of the network beside what transformers computed, with the weights in both layouts.</summary>
[TestFixture(Weights)]
[TestFixture(FacebookWeights)]
public class Sam2NetworkTests(string file)
{
    private Sam2Reference _reference = null!;
    private Sam2Weights _weights = null!;
    private ImageEncoder _encoder = null!;
    private PromptEncoder _prompts = null!;
    private MaskDecoder _decoder = null!;
    private TorchSharp.DisposeScope _scope = null!;

    private static readonly string[] Kinds = ["box_and_point", "box", "point", "box_and_two_points"];

    [OneTimeSetUp]
    public void Load()
    {
        _reference = new Sam2Reference();
        _weights = ReadWeights(file);
        (_encoder, _prompts, _decoder) = (new(Shape, _weights), new(Shape, _weights), new(Shape, _weights));
    }

    [OneTimeTearDown]
    public void Unload()
    {
        _encoder.Dispose();
        _prompts.Dispose();
        _weights.Dispose();
        _reference.Dispose();
    }

    [SetUp]
    public void OpenScope() => _scope = NewDisposeScope();

    [TearDown]
    public void CloseScope() => _scope.Dispose();

    private Tensor Pixels(int image) => _reference["pixel_values"].narrow(0, image, 1);

    private ImageEmbedding Known(int image) => new(
        _reference["image_embedding0"].narrow(0, image, 1), _reference["image_embedding1"].narrow(0, image, 1), _reference["image_embedding2"].narrow(0, image, 1));

    // Points, then the corners of the box, in the pixels of the model's image.
    private (Tensor Points, Tensor Labels) Prompts(string kind, int image)
    {
        var points = new List<Tensor>();
        var labels = new List<Tensor>();
        if (kind != "box")
        {
            points.Add(_reference[$"{kind}.input_points"][image]);
            labels.Add(_reference[$"{kind}.input_labels"][image]);
        }
        if (kind != "point")
        {
            Tensor boxes = _reference[$"{kind}.input_boxes"][image];
            points.Add(boxes.view(boxes.shape[0], 2, 2));
            labels.Add(tensor(new long[] { 2, 3 }).expand(boxes.shape[0], -1));
        }
        return (cat(points, 1), cat(labels, 1));
    }

    private MaskPredictions Decode(string kind, int image, ImageEmbedding embedding)
    {
        (Tensor points, Tensor labels) = Prompts(kind, image);
        return _decoder.Decode(embedding, _prompts.Points(points, labels), _prompts.NoMask, _prompts.Grid);
    }

    [Test]
    public void ThePatchesAndTheirPositions()
    {
        AssertClose(_encoder.Trunk.EmbedPatches(Pixels(0)), _reference["backbone.patch_embed"]);
        AssertClose(_encoder.Trunk.Positions, _reference["backbone.pos_embed"]);
    }

    [Test]
    public void EveryBlockOfTheTrunk()
    {
        Tensor x = _reference["backbone.patch_embed"] + _reference["backbone.pos_embed"];
        Assert.That(_encoder.Trunk.Blocks, Has.Count.EqualTo(8));
        for (int block = 0; block < 8; block++)
        {
            Tensor expected = _reference[$"backbone.block{block}"];
            AssertClose(_encoder.Trunk.Blocks[block].Forward(x), expected, name: $"block {block}");
            x = expected;
        }
    }

    [Test]
    public void TheNeckAndTheThreeMapsOfAnImage()
    {
        Tensor[] levels = _encoder.Pyramid(Pixels(0));
        for (int level = 0; level < levels.Length; level++)
            AssertClose(levels[level], _reference[$"fpn{level}"], name: $"level {level}");
        for (int image = 0; image < 2; image++)
        {
            ImageEmbedding found = _encoder.Encode(Pixels(image)), expected = Known(image);
            AssertClose(found.Fine, expected.Fine);
            AssertClose(found.Middle, expected.Middle);
            AssertClose(found.Coarse, expected.Coarse);
        }
    }

    [Test]
    public void SeveralImagesAtOnceAreEachAlone()
    {
        Tensor[] together = _encoder.Pyramid(_reference["pixel_values"]), alone = _encoder.Pyramid(Pixels(1));
        for (int level = 0; level < together.Length; level++)
            AssertClose(together[level].narrow(0, 1, 1), alone[level], 1e-5);
    }

    [Test]
    public void PositionsOfTheMap() => AssertClose(_prompts.Grid, _reference["image_positional_embedding"]);

    [TestCaseSource(nameof(Kinds))]
    public void TokensOfPrompts(string kind)
    {
        for (int image = 0; image < 2; image++)
        {
            (Tensor points, Tensor labels) = Prompts(kind, image);
            AssertClose(_prompts.Points(points, labels), _reference[$"{kind}.sparse"][image]);
        }
    }

    [Test]
    public void EarlierMasksAndNone()
    {
        AssertClose(_prompts.NoMask.expand(1, -1, 8, 8), _reference["dense"]);
        AssertClose(_prompts.Mask(_reference["mask_prompt"]), _reference["mask_prompt.dense"]);
    }

    [TestCaseSource(nameof(Kinds))]
    public void MasksQualityAndPresence(string kind)
    {
        for (int image = 0; image < 2; image++)
        {
            MaskPredictions found = Decode(kind, image, Known(image));
            AssertClose(found.Logits.narrow(1, 1, 3), _reference[$"{kind}.three.masks"][image], name: "masks");
            AssertClose(found.Quality.narrow(1, 1, 3), _reference[$"{kind}.three.iou"][image], name: "quality");
            AssertClose(found.Presence, _reference[$"{kind}.object_score"][image], name: "presence");
        }
    }

    [TestCaseSource(nameof(Kinds))]
    public void FromPixelsToMasksInOneGo(string kind)
    {
        for (int image = 0; image < 2; image++)
        {
            MaskPredictions found = Decode(kind, image, _encoder.Encode(Pixels(image)));
            AssertClose(found.Logits.narrow(1, 1, 3), _reference[$"{kind}.three.masks"][image]);
            float[] logits = Values(found.Logits.narrow(1, 1, 3)), expected = Values(_reference[$"{kind}.three.masks"][image]);
            Assert.That(logits.Zip(expected).Where(pair => Math.Abs(pair.Second) >= 1e-3).All(pair => pair.First > 0 == pair.Second > 0));
        }
    }

    [TestCaseSource(nameof(Kinds))]
    public void TheBestOfThreeAndTheSingleMask(string kind)
    {
        bool[][] kept = [.. Json.GetProperty("single mask kept").GetProperty(kind).EnumerateArray().Select(image => image.EnumerateArray().Select(value => value.GetBoolean()).ToArray())];
        for (int image = 0; image < 2; image++)
        {
            MaskPredictions found = Decode(kind, image, Known(image));
            for (int i = 0; i < 3; i++)
            {
                float[] quality = Values(found.Quality[i]), logits = Values(found.Logits[i][0]);
                Assert.That(MaskChoice.Best(quality.AsSpan(1)), Is.EqualTo(_reference[$"{kind}.best"][image][i].item<long>()));
                Assert.That(MaskChoice.Stability(logits, Shape.Stability.Delta), Is.EqualTo(_reference[$"{kind}.stability"][image][i].item<float>()).Within(1e-4));
                int single = MaskChoice.Single(logits, quality, Shape.Stability);
                Assert.That(single == 0, Is.EqualTo(kept[image][i]));
                AssertClose(found.Logits[i][single], _reference[$"{kind}.one.masks"][image][i][0]);
                Assert.That(quality[single], Is.EqualTo(_reference[$"{kind}.one.iou"][image][i][0].item<float>()).Within(1e-4));
            }
        }
    }

    [Test]
    public void NothingHasAGradient() => Assert.That(_weights.Tensors.Values.Any(weight => weight.requires_grad), Is.False);
}
