using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

[TestFixtureSource(typeof(ReferenceModel), nameof(ReferenceModel.Names))]
public class QwenVisionTowerTests(string name)
{
    // Of the largest value. Seen here: 1.6e-6, and 0.016 in bfloat16, one rounding of which is up to 1/256.
    private const double Tolerance = 1e-5, RoughTolerance = 0.03;

    private ReferenceModel _reference = null!;
    private QwenVisionTower _tower = null!;
    private IDisposable _noGradient = null!;

    [OneTimeSetUp]
    public void LoadTower()
    {
        _reference = new ReferenceModel(name);
        _tower = QwenVisionTower.Read(_reference.Shape, _reference.Weights, float32, CPU);
    }

    [OneTimeTearDown]
    public void DisposeTower()
    {
        _tower.Dispose();
        _reference.Dispose();
    }

    [SetUp]
    public void WithoutGradients() => _noGradient = no_grad();

    [TearDown]
    public void WithGradients() => _noGradient.Dispose();

    [Test]
    public void EveryTensorOfTheTowerIsRead() =>
        Assert.That(_tower.Weights.Keys, Is.EquivalentTo(_reference.Weights.Shapes.Keys.Where(name => name.StartsWith("model.visual.", StringComparison.Ordinal))));

    [Test]
    public void WeightsOfAnotherTowerAreRefused()
    {
        QwenShape narrow = _reference.Shape with { Vision = _reference.Shape.Vision with { Depth = 1, DeepstackBlocks = [], IntermediateSize = 40 } };
        Assert.That(() => QwenVisionTower.Read(narrow, _reference.Weights, float32, CPU), Throws.TypeOf<InvalidDataException>()
            .With.Message.Contains("unknown name, model.visual.blocks.1.attn.proj.bias").And.Message.Contains("instead of [40, 32]").And.Message.Contains($"{name}.weights.safetensors"));
    }

    [Test]
    public void TheOldNamesOfWeightsAreReadToo()
    {
        using var tower = QwenVisionTower.Read(_reference.Shape, new OldNames(_reference.Weights), float32, CPU);
        foreach ((string weight, Tensor values) in tower.Weights)
            Assert.That(values.Equals(_tower.Weights[weight]), weight);
    }

    [Test]
    public void GradientsReachEveryWeight()
    {
        using var scope = NewDisposeScope();
        using IDisposable gradients = enable_grad();
        using var tower = QwenVisionTower.Read(_reference.Shape, _reference.Weights, float32, CPU);
        foreach (Tensor weight in tower.Weights.Values) weight.requires_grad_(true);
        using VisionFeatures features = tower.Encode(_reference.Data("pixel_values"), _reference.Grids);
        cat([features.Tokens, .. features.Deepstack]).square().sum().backward();
        foreach ((string weight, Tensor values) in tower.Weights)
            Assert.That(values.grad!.abs().max().item<float>(), Is.GreaterThan(0).And.LessThan(float.PositiveInfinity), weight);
    }

    [Test]
    public void PatchesBecomeTheReferencesVectors()
    {
        using var scope = NewDisposeScope();
        _reference.RequireNear(_tower.Embed(_reference.Data("pixel_values")), "visual.patch_embed", Tolerance);
    }

    [Test]
    public void EveryBlockTurnsTheReferencesInputIntoItsOutput()
    {
        using var scope = NewDisposeScope();
        using var layout = new VisionLayout(_reference.Shape.Vision, _reference.Grids, CPU);
        Tensor x = _tower.Begin(_reference.Data("visual.patch_embed"), layout);
        for (int block = 0; block < _tower.Blocks.Count; block++)
        {
            _reference.RequireNear(_tower.Blocks[block].Of(x, layout.Rotation, _tower.SegmentsOf(block, layout)), $"visual.block{block}", Tolerance);
            x = _reference.Data($"visual.block{block}");
        }
    }

    [Test]
    public void ThePictureBecomesTheReferencesTokens()
    {
        using var scope = NewDisposeScope();
        using VisionFeatures features = _tower.Encode(_reference.Data("pixel_values"), _reference.Grids);
        RequireReferencesFeatures(features, Tolerance);
    }

    [Test]
    public void ThePictureBecomesMuchTheSameInBfloat16()
    {
        using var scope = NewDisposeScope();
        using var tower = QwenVisionTower.Read(_reference.Shape, _reference.Weights, bfloat16, CPU);
        using VisionFeatures features = tower.Encode(_reference.Data("pixel_values"), _reference.Grids);
        Assert.That(features.Tokens.dtype, Is.EqualTo(ScalarType.BFloat16));
        RequireReferencesFeatures(features, RoughTolerance);
    }

    [Test]
    public void AnImageIsTheSameAloneAsBesideAnother()
    {
        using var scope = NewDisposeScope();
        PatchGrid first = _reference.Grids[0], second = _reference.Grids[1];
        Tensor patches = _reference.Data("pixel_values");
        using VisionFeatures both = _tower.Encode(patches, _reference.Grids);
        using VisionFeatures alone = _tower.Encode(patches.narrow(0, first.Patches, second.Patches), [second]);
        Tensor difference = both.Tokens.narrow(0, first.Patches / 4, second.Patches / 4) - alone.Tokens;
        Assert.That(difference.abs().max().item<float>(), Is.LessThan(1e-5));
    }

    [Test]
    public void NothingIsLeftBehind()
    {
        using var scope = NewDisposeScope();
        Tensor patches = _reference.Data("pixel_values");
        _tower.Encode(patches, _reference.Grids).Dispose();
        long before = Tensor.TotalCount;
        for (int i = 0; i < 3; i++)
            _tower.Encode(patches, _reference.Grids).Dispose();
        Assert.That(Tensor.TotalCount, Is.EqualTo(before));
    }

    [Test]
    public void PatchesThatAreNotThoseOfTheImagesAreRefused()
    {
        using var scope = NewDisposeScope();
        Tensor patches = _reference.Data("pixel_values");
        Assert.That(() => _tower.Encode(patches, [_reference.Grids[0]]), Throws.ArgumentException.With.Message.Contains("152 patches; the images have 72"));
        Assert.That(() => _tower.Encode(patches.narrow(1, 0, 100), _reference.Grids), Throws.ArgumentException.With.Message.Contains("[152, 100]"));
        Assert.That(() => _tower.Encode(patches, [new PatchGrid(8, 19)]), Throws.ArgumentException.With.Message.Contains("8 by 19"));
        Assert.That(() => _tower.Encode(patches, []), Throws.ArgumentException.With.Message.Contains("at least one"));
    }

    // The reference has its tokens in the order of the windows.
    private void RequireReferencesFeatures(VisionFeatures features, double tolerance)
    {
        bool hasWindows = _reference.Shape.Vision.WindowSize > 0;
        using Tensor tokens = hasWindows ? features.Tokens.index_select(0, _reference.Data("window_index")) : features.Tokens.alias();
        _reference.RequireNear(tokens, "visual.merger", tolerance);
        Assert.That(features.Deepstack, Has.Count.EqualTo(_reference.Shape.Vision.DeepstackBlocks.Count));
        for (int map = 0; map < features.Deepstack.Count; map++)
            _reference.RequireNear(features.Deepstack[map], $"visual.deepstack{map}", tolerance);
    }
}
