using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

[TestFixture("qwen2_5_vl_tied")]
[TestFixture("qwen2_5_vl_untied")]
[TestFixture("qwen2_vl_tied")]
[TestFixture("qwen3_vl_tied")]
public class QwenVisionTowerTests(string name)
{
    // Of the largest value; sums in another order differ by less.
    private const double Tolerance = 1e-4;

    // Bfloat16 has eight bits: one rounding is up to 1/256, and there are some ten operations in a row in each of four blocks.
    private const double RoughTolerance = 0.06;

    private ReferenceModel _reference = null!;
    private ModelWeights _weights = null!;
    private QwenVisionTower _tower = null!;
    private IDisposable _noGradient = null!;

    [OneTimeSetUp]
    public void LoadTower()
    {
        _reference = new ReferenceModel(name);
        _weights = ModelWeights.Of(_reference.Weights, type: null, CPU);
        _tower = new QwenVisionTower(_reference.Shape, _weights);
    }

    [OneTimeTearDown]
    public void DisposeTower()
    {
        _weights.Dispose();
        _reference.Dispose();
    }

    [SetUp]
    public void WithoutGradients() => _noGradient = no_grad();

    [TearDown]
    public void WithGradients() => _noGradient.Dispose();

    [Test]
    public void TheOutlineNamesEveryTensorOfTheTower()
    {
        IReadOnlyDictionary<string, long[]> outline = ModelWeights.Outline(weights => _ = new QwenVisionTower(_reference.Shape, weights));
        Assert.That(outline, Is.EquivalentTo(_reference.Weights.Shapes.Where(tensor => tensor.Key.StartsWith("model.visual.", StringComparison.Ordinal))));
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
        using var weights = ModelWeights.Of(_reference.Weights, bfloat16, CPU);
        using VisionFeatures features = new QwenVisionTower(_reference.Shape, weights).Encode(_reference.Data("pixel_values"), _reference.Grids);
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
