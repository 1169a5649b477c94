using System.Text.Json;
using Microsoft.ML.DrSeg.Compact;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;
using TorchSharp;
using static Microsoft.ML.DrSeg.Qwen.Tests.Sam2Reference;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>The confirming head beside the tiny random SAM.</summary>
public class SamConfirmationTests
{
    private const int QueryWidth = ColouredScenes.QueryWidth;

    private static readonly SamConfirmationShape Small = new(32, QueryWidth, Width: 16, Heads: 2);

    private Sam2Segmenter _segmenter = null!;
    private SamConfirmation _head = null!;

    [SetUp]
    public void Make()
    {
        _segmenter = Segmenter();
        _head = new SamConfirmation(Small, _segmenter, ColouredScenes.Embed, seed: 1);
    }

    [TearDown]
    public void Dispose()
    {
        _head.Dispose();
        _segmenter.Dispose();
    }

    private static RgbImage Picture(int seed, int width, int height)
    {
        var image = new RgbImage(width, height);
        new Random(seed).NextBytes(image.Pixels);
        return image;
    }

    private static ConfirmationPrompt Prompt(RgbImage image, string query, BoundingBox box) =>
        new(image, query, box.IsEmpty ? null : box, SegmentationMask.FromBox(box, image.Width, image.Height));

    private static void AssertSame(Confirmation found, Confirmation expected, string name)
    {
        Assert.That(found.Confidence, Is.EqualTo(expected.Confidence).Within(1e-5), name);
        Assert.That(found.Map.Values, Is.EqualTo(expected.Map.Values).Within(1e-5), name);
        Assert.That(found.Map.Region, Is.EqualTo(expected.Map.Region), name);
    }

    [Test]
    public void CandidatesOfImagesOfAllSizesAreEachJudgedAlone()
    {
        RgbImage wide = Picture(1, 90, 30), high = Picture(2, 40, 120);
        ConfirmationPrompt[] prompts =
        [
            .. Enumerable.Range(0, 40).Select(i => Prompt(i % 3 == 0 ? wide : high, TinyModel.Nouns[i % 2], new(i % 20, i % 7, i % 20 + 15, i % 7 + 20))),
            Prompt(wide, "red", default), Prompt(Picture(3, 5, 5), "red", new(0, 0, 5, 5)),
        ];
        Confirmation[] found = _head.Confirm(prompts);
        for (int i = 0; i < prompts.Length; i++)
        {
            AssertSame(found[i], _head.Confirm([prompts[i]])[0], $"candidate {i}");
            Assert.That(found[i].Map.Region, Is.EqualTo(new BoundingBox(0, 0, prompts[i].Image.Width, prompts[i].Image.Height)));
            Assert.That((found[i].Map.Side, found[i].Map.Values.Length), Is.EqualTo((8, 64)));
        }
        Assert.That(found.Select(one => one.Confidence).Distinct().Count(), Is.GreaterThan(30));
        Assert.That(_head.Confirm([]), Is.Empty);
    }

    [Test]
    public void AnImageIsEncodedOnceForSegmenterAndHead()
    {
        RgbImage image = Picture(1, 60, 60);
        ConfirmationPrompt prompt = Prompt(image, "red", new(10, 10, 30, 40));
        SegmentationMask mask = _segmenter.Segment([new(image, new(10, 10, 30, 40), new(20, 20))])[0];
        Confirmation confirmed = _head.Confirm([prompt])[0];
        Array.Clear(image.Pixels);
        // Neither looks at the pixels again.
        AssertSame(_head.Confirm([prompt])[0], confirmed, "head");
        Assert.That(_segmenter.Segment([new(image, new(10, 10, 30, 40), new(20, 20))])[0], Is.EqualTo(mask));
        Assert.That(_segmenter.Cache.Count, Is.EqualTo(1));
        using Sam2Segmenter other = Segmenter();
        using var fresh = new SamConfirmation(Small, other, ColouredScenes.Embed, seed: 1);
        Assert.That(fresh.Confirm([prompt])[0].Confidence, Is.Not.EqualTo(confirmed.Confidence), "another image would be judged otherwise");
    }

    [Test]
    public void CellsAreMeansOfPlacesAndAsManyAsFit()
    {
        Assert.That(new[] { 64, 32, 8, 6, 34, 20 }.Select(new SamConfirmationShape(32, 4).MapSide), Is.EqualTo(new[] { 16, 16, 8, 6, 2, 10 }));
        using var coarse = new SamConfirmation(Small with { MostCells = 4 }, _segmenter, ColouredScenes.Embed, seed: 1);
        RgbImage image = Picture(1, 64, 32);
        Confirmation before = coarse.Confirm([Prompt(image, "red", default)])[0], after = coarse.Confirm([Prompt(image, "red", new(48, 0, 64, 8))])[0];
        Assert.That((coarse.MapSide, before.Map.Values.Length), Is.EqualTo((4, 16)));
        // The mask fills the cell at the upper right, which changes most.
        double[] changes = [.. before.Map.Values.Zip(after.Map.Values, (x, y) => (double)Math.Abs(x - y))];
        Assert.That(Array.IndexOf(changes, changes.Max()), Is.EqualTo(3), string.Join(" ", changes.Select(change => change.ToString("0.000"))));
    }

    [Test]
    public void MapsOfImagesThatAreNotSquareLieWhereTheImageDoes()
    {
        // The mask is the left half of a wide image, its truth the upper half: they agree at the upper left and the lower right.
        SegmentationMask left = SegmentationMask.FromBox(new(0, 0, 64, 32), 128, 32), upper = SegmentationMask.FromBox(new(0, 0, 128, 16), 128, 32);
        float[] agreement = [.. Enumerable.Range(0, 16).Select(cell => cell % 4 < 2 == cell / 4 < 2 ? 20f : -20f)];
        using var scope = NewDisposeScope();
        JudgedMask judged = new(left, upper, new(0, 0, 128, 32));
        float Loss(float[] map) => ConfirmationLoss.Of(zeros(1), tensor(map, [1, 16]), [judged], 32).item<float>();
        double confidence = Math.Log(2);
        Assert.That(Loss(agreement), Is.EqualTo(confidence).Within(1e-4));
        Assert.That(Loss([.. agreement.Select(cell => -cell)]), Is.EqualTo(confidence + 10).Within(1e-3));
        RgbImage heat = new Overlay(new RgbImage(80, 20)).Heat([1, 0, 0, 0], 2, 2, new(0, 0, 80, 20), opacity: 1).Image;
        byte[] Pixel(int x, int y) => heat.Pixels.AsSpan(3 * (y * 80 + x), 3).ToArray();
        Assert.That(Pixel(5, 2), Is.Not.EqualTo(Pixel(75, 2)));
        Assert.That(Pixel(75, 2), Is.EqualTo(Pixel(5, 17)));
    }

    [Test]
    public void ParametersAreFewAndMadeByASeed()
    {
        manual_seed(3);
        float undisturbed = rand(1).item<float>();
        manual_seed(3);
        using SamConfirmation same = new(Small, _segmenter, ColouredScenes.Embed, seed: 1), another = new(Small, _segmenter, ColouredScenes.Embed, seed: 2);
        Assert.That(rand(1).item<float>(), Is.EqualTo(undisturbed), "the program's own random numbers stay as they are");
        foreach ((string name, Tensor weight) in _head.Weights)
        {
            Assert.That(Values(same.Weights[name]), Is.EqualTo(Values(weight)), name);
            if (weight.dim() == 2) Assert.That(Values(another.Weights[name]), Is.Not.EqualTo(Values(weight)), name);
        }
        // Of SAM's width of 256, with the token embeddings of Qwen2.5-VL 3B and 7B.
        long Count(int queryWidth) => SamConfirmationWeights.Shapes(new(256, queryWidth)).Values.Sum(shape => shape.Aggregate(1L, (x, y) => x * y));
        TestContext.Out.WriteLine($"{Count(2048)} and {Count(3584)} parameters");
        Assert.That(Count(3584), Is.LessThan(1_000_000));
    }

    [Test]
    public void EveryParameterLearns()
    {
        RgbImage a = Picture(1, 40, 40), b = Picture(2, 60, 30);
        using var scope = NewDisposeScope();
        ConfirmationPrompt[] prompts = [Prompt(a, "red", new(3, 3, 20, 20)), Prompt(b, "blue", new(3, 3, 20, 20)), Prompt(a, "blue", default)];
        _head.Loss(prompts, [prompts[0].Mask, SegmentationMask.FromBox(new(10, 0, 40, 30), 60, 30), prompts[0].Mask]).backward();
        foreach ((string name, Tensor weight) in _head.Weights)
            Assert.That(weight.grad?.abs().max().item<float>() ?? 0, Is.GreaterThan(0).And.LessThan(100), name);
        Assert.That(_head.Parameters().Count(), Is.EqualTo(_head.Weights.Count));
    }

    [Test]
    public void GradientsAreThoseOfDoublePrecision([Values(2, 24)] int candidates)
    {
        using var scope = NewDisposeScope();
        var shape = new SamConfirmationShape(64, 40);
        using var generator = new Generator(4);
        Tensor Drawn(params long[] sides) => randn(sides, generator: generator);
        Tensor places = Drawn(1, 256, 64), cells = Drawn(1, 16, 64), grid = Drawn(1, 256, 64), spots = Drawn(1, 16, 64), masks = Drawn(candidates, 16, 64), queries = Drawn(candidates, 40);
        Tensor[] incoming = [Drawn(candidates), Drawn(candidates, 16)];
        IReadOnlyDictionary<string, Tensor> weights = SamConfirmationWeights.Fresh(shape, 5, CPU);
        Dictionary<string, float[]> single = Gradients(ScalarType.Float32), exact = Gradients(ScalarType.Float64);
        double floor = exact.Values.Max(Length) * 1e-6;
        foreach ((string name, float[] gradient) in exact)
            Assert.That(Length([.. single[name].Zip(gradient, (x, y) => x - y)]) / Math.Max(Length(gradient), floor), Is.LessThan(2e-3), name);
        foreach (Tensor weight in weights.Values) weight.Dispose();

        Dictionary<string, float[]> Gradients(ScalarType type)
        {
            var own = weights.ToDictionary(weight => weight.Key, weight => weight.Value.detach().to(type).clone().requires_grad_(true));
            var image = new SeenImage(places.to(type), cells.to(type), grid.to(type), spots.to(type));
            (Tensor confidence, Tensor map) = new SamConfirmationNetwork(shape, own).Score(image, masks.to(type), queries.to(type));
            ((confidence * incoming[0].to(type)).sum() + (map * incoming[1].to(type)).sum()).backward();
            return own.ToDictionary(weight => weight.Key, weight => Values(weight.Value.grad!));
        }

        static double Length(float[] vector) => Math.Sqrt(vector.Sum(x => (double)x * x));
    }

    [Test]
    public void AModelsFileHoldsItByNames()
    {
        using var folder = new TemporaryFolder();
        ModelFormat.Register(Format.Instance);
        using Sam2Segmenter segmenter = Segmenter();
        DrSegModel model = Format.Make(segmenter, seed: 7);
        model.Save(folder.File("model.drseg"));
        using var loaded = DrSegModel.Load(folder.File("model.drseg"));
        ConfirmationPrompt[] prompts = [Prompt(Picture(1, 40, 40), "red", new(3, 3, 20, 20))];
        AssertSame(loaded.Confirmation.Confirm(prompts)[0], model.Confirmation.Confirm(prompts)[0], "loaded");
        Assert.That(_head.Confirm(prompts)[0].Confidence, Is.Not.EqualTo(model.Confirmation.Confirm(prompts)[0].Confidence), "of another seed");
        model.Dispose();
    }

    // A compact policy, the tiny SAM from its own file, and a head whose weights are the model's.
    private sealed class Format : ModelFormat
    {
        public static readonly Format Instance = new();

        public override string Name => "SamConfirmationTest";

        public static DrSegModel Make(Sam2Segmenter segmenter, ulong seed)
        {
            CompactModelShape shape = TinyModel.ShapeOf(TinyModel.Nouns);
            return new DrSegModel(new CompactPolicy(shape.Policy, new QueryVocabulary(shape.Nouns), segmenter.Device), segmenter, new SamConfirmation(Small, segmenter, ColouredScenes.Embed, seed), Instance);
        }

        public override JsonElement Describe(DrSegModel model) => JsonSerializer.SerializeToElement(new { });

        public override IReadOnlyDictionary<string, Tensor> Weights(DrSegModel model) => ((SamConfirmation)model.Confirmation).Weights;

        public override DrSegModel Create(JsonElement description, Device device) => Make(device.type == DeviceType.META ? Outline() : Segmenter(), seed: 8);
    }

    private static Sam2Segmenter Outline()
    {
        IReadOnlyDictionary<string, long[]> shapes = Sam2TensorShapes.Of(Sam2Reference.Shape);
        return new(Sam2Reference.Shape, Sam2Weights.Make(shapes, ScalarType.Float32, (name, type) => empty(shapes[name], dtype: type, device: META)), META, new());
    }

    [Test]
    public void OnMetaThereAreNamesAndShapesAlone()
    {
        using Sam2Segmenter outline = Outline();
        using var head = new SamConfirmation(Small, outline, ColouredScenes.Embed, seed: 1);
        Assert.That(head.Weights.Values.Select(weight => weight.device.type), Is.All.EqualTo(DeviceType.META));
        Assert.That(head.Weights.Keys, Is.EqualTo(_head.Weights.Keys));
        Assert.That(head.Weights.Values.Select(weight => weight.shape), Is.EqualTo(_head.Weights.Values.Select(weight => weight.shape)));
        Assert.That((head.MapSide, head.Parameters().Count()), Is.EqualTo((8, head.Weights.Count)));
    }

    [Test]
    public void NoTensorIsLeftBehind()
    {
        RgbImage image = Picture(1, 40, 40);
        ConfirmationPrompt[] prompts = [.. Enumerable.Range(0, 20).Select(i => Prompt(image, "red", new(i, 3, 20, 20)))];
        SegmentationMask[] truths = [.. prompts.Select(prompt => prompt.Mask)];
        _head.Confirm(prompts);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 3; i++)
        {
            _head.Confirm(prompts);
            _head.Loss(prompts, truths).Dispose();
        }
        Assert.That(DisposeScopeManager.Statistics.ThreadTotalLiveCount, Is.EqualTo(before));
    }

    [Test]
    public void WhatDoesNotFitIsRefused()
    {
        RgbImage image = Picture(1, 40, 40);
        ConfirmationPrompt good = Prompt(image, "red", new(3, 3, 20, 20));
        Assert.That(() => _head.Confirm([good, good with { Mask = SegmentationMask.Empty(40, 41) }]), Throws.ArgumentException.With.Message.Contains("candidate 1 of the batch is 40 x 41 pixels, its image 40 x 40"));
        Assert.That(() => _head.Loss([good], []), Throws.ArgumentException.With.Message.Contains("1 candidates and 0 true masks"));
        Assert.That(() => _head.Loss([], []), Throws.ArgumentException.With.Message.Contains("at least one candidate"));
        Assert.That(() => _head.Confirm(null!), Throws.ArgumentNullException);
        Assert.That(() => new SamConfirmation(Small with { FeatureWidth = 256 }, _segmenter, ColouredScenes.Embed, 1), Throws.ArgumentException.With.Message.Contains("256 wide; this one is 32 wide"));
        Assert.That(() => new SamConfirmation(Small with { Heads = 3 }, _segmenter, ColouredScenes.Embed, 1), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("a divisor of the width, 16"));
        using (var narrow = new SamConfirmation(Small, _segmenter, queries => zeros(queries.Count, QueryWidth - 1), 1))
            Assert.That(() => narrow.Confirm([good]), Throws.InvalidOperationException.With.Message.Contains("came as [1, 11] of Float32; the confirming head needs [1, 12]"));
        using (var wide = new SamConfirmation(Small, _segmenter, queries => zeros(queries.Count, QueryWidth, dtype: ScalarType.Float64), 1))
            Assert.That(() => wide.Confirm([good]), Throws.InvalidOperationException.With.Message.Contains("of Float64"));
        _head.Dispose();
        Assert.That(() => _head.Confirm([good]), Throws.InstanceOf<ObjectDisposedException>());
    }
}
