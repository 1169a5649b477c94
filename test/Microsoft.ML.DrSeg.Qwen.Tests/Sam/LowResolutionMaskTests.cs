using Microsoft.ML.DrSeg.Masks;
using NUnit.Framework;
using static Microsoft.ML.DrSeg.Qwen.Tests.Sam2Reference;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class LowResolutionMaskTests
{
    private const int Height = 75, Width = 110, Side = 32;

    [Test]
    public void TheReferencesMasksAtTheSizeOfTheirImage()
    {
        using var scope = NewDisposeScope();
        using var reference = new Sam2Reference();
        Tensor three = reference["box_and_point.three.masks"], best = reference["box_and_point.best"], expected = reference["box_and_point.best.at_size"];
        var enlarged = new LowResolutionMask(Side, Width, Height);
        float[] narrow = new float[Side], column = new float[Height];
        for (int image = 0; image < 2; image++)
            for (int i = 0; i < 3; i++)
            {
                float[] logits = Values(three[image][i][best[image][i].item<long>()]), wanted = Values(expected[image][i]);
                SegmentationMask mask = enlarged.Cut(logits);
                Assert.That((mask.Width, mask.Height), Is.EqualTo((Width, Height)));
                double largest = wanted.Max(Math.Abs);
                for (int x = 0; x < Width; x++)
                {
                    enlarged.Column(logits, x, narrow, column);
                    for (int y = 0; y < Height; y++)
                    {
                        float logit = wanted[y * Width + x];
                        Assert.That(column[y], Is.EqualTo(logit).Within(1e-5 * largest));
                        if (Math.Abs(logit) >= 1e-3) Assert.That(mask[x, y], Is.EqualTo(logit > 0));
                    }
                }
            }
    }

    [Test]
    public void ASquareSmallerAndLargerThanTheImageByHand()
    {
        float[] logits = [-1, 1, -1, 1];
        var wide = new LowResolutionMask(2, 4, 1);
        float[] narrow = new float[2], column = new float[1];
        float[] found = [.. Enumerable.Range(0, 4).Select(x =>
        {
            wide.Column(logits, x, narrow, column);
            return column[0];
        })];
        Assert.That(found, Is.EqualTo(new[] { -1f, -.5f, .5f, 1f }));
        Assert.That(wide.Cut(logits).ToRunLengths(), Is.EqualTo(new[] { 2, 2 }));
        Assert.That(new LowResolutionMask(2, 1, 1).Cut([-1, 3, -1, 3]).Area, Is.EqualTo(1), "the mean of all four");
    }
}
