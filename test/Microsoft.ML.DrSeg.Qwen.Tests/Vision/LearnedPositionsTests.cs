using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class LearnedPositionsTests
{
    [Test]
    public void TheTableIsStretchedFromCornerToCorner()
    {
        using var scope = NewDisposeScope();
        // Two by two, each entry its own number twice.
        var positions = new LearnedPositions(tensor(new float[,] { { 0, 0 }, { 1, 1 }, { 10, 10 }, { 11, 11 } }));
        Tensor vectors = positions.Of(PatchPlace.Of([new PatchGrid(3, 2)], 1));
        Assert.That(vectors.select(1, 0).data<float>().ToArray(), Is.EqualTo(new[] { 0f, 1, 5, 6, 10, 11 }).Within(1e-6));
        Assert.That(vectors.select(1, 1).contiguous().data<float>().ToArray(), Is.EqualTo(new[] { 0f, 1, 5, 6, 10, 11 }).Within(1e-6));
    }

    [Test]
    public void ASingleRowIsTheFirst()
    {
        using var scope = NewDisposeScope();
        var positions = new LearnedPositions(tensor(new float[,] { { 0 }, { 1 }, { 10 }, { 11 } }));
        Assert.That(positions.Of(PatchPlace.Of([new PatchGrid(1, 3)], 1)).data<float>().ToArray(), Is.EqualTo(new[] { 0f, 0.5f, 1 }).Within(1e-6));
    }

    [Test]
    public void PatchesComeTokenByToken() =>
        Assert.That(PatchPlace.Of([new PatchGrid(2, 4)], 2).Select(patch => (patch.Row, patch.Column)),
            Is.EqualTo(new[] { (0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (0, 3), (1, 2), (1, 3) }));
}
