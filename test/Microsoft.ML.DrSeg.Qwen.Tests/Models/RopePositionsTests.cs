using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class RopePositionsTests
{
    private const int Image = 9;

    [TestCase("qwen2_5_vl_tied")]
    [TestCase("qwen2_5_vl_untied")]
    [TestCase("qwen2_vl_tied")]
    [TestCase("qwen3_vl_tied")]
    public void PaddedPromptsHaveTheReferencesPositions(string name)
    {
        using var scope = NewDisposeScope();
        using var reference = new ReferenceModel(name);
        RopePositions[] prompts = [.. reference.Prompts.Select((prompt, row) => RopePositions.Of(prompt, [reference.Grids[row]], reference.Shape.ImageToken, reference.Shape.Vision.MergeSize))];
        Tensor expected = reference.Data("position_ids"), mask = reference.Data("attention_mask").unsqueeze(0);
        int length = (int)expected.shape[2];
        Tensor padded = RopePositions.LeftPadded(prompts, length, CPU);
        Assert.That(padded.shape, Is.EqualTo(expected.shape));
        Assert.That(((padded - expected) * mask).abs().max().item<long>(), Is.Zero);
        Assert.That(prompts.Select(prompt => prompt.Next - length), Is.EqualTo(reference.Whole("rope_deltas")));
        Assert.That(prompts[0].ToTensor(CPU).Equals(padded.select(1, 0).narrow(1, length - prompts[0].Length, prompts[0].Length)));
    }

    [Test]
    public void TextAfterAnImageGoesOnBehindItsLargestPosition()
    {
        using var scope = NewDisposeScope();
        // 2 by 3 tokens after one of text; then one of text, an image of 1 by 1, and text.
        var positions = RopePositions.Of([1, Image, Image, Image, Image, Image, Image, 2, Image, 3], [new PatchGrid(4, 6), new PatchGrid(2, 2)], Image, 2);
        using var all = positions.ToTensor(CPU);
        Assert.That(Row(0), Is.EqualTo(new long[] { 0, 1, 1, 1, 1, 1, 1, 4, 5, 6 }));
        Assert.That(Row(1), Is.EqualTo(new long[] { 0, 1, 1, 1, 2, 2, 2, 4, 5, 6 }));
        Assert.That(Row(2), Is.EqualTo(new long[] { 0, 1, 2, 3, 1, 2, 3, 4, 5, 6 }));
        Assert.That((positions.Length, positions.Next), Is.EqualTo((10, 7L)));

        long[] Row(int axis) => all.select(0, axis).data<long>().ToArray();
    }

    [Test]
    public void TokensThatAreNotThoseOfTheImagesAreRefused()
    {
        var grid = new PatchGrid(2, 4);
        Assert.That(() => RopePositions.Of([1, Image, 2], [grid], Image, 2), Throws.ArgumentException.With.Message.Contains("1 tokens for image 1"));
        Assert.That(() => RopePositions.Of([1, Image, Image, Image], [grid], Image, 2), Throws.ArgumentException.With.Message.Contains("more than 1 images, from token 3"));
        Assert.That(() => RopePositions.Of([1, 2], [grid], Image, 2), Throws.ArgumentException.With.Message.Contains("tokens of 0 images, but 1"));
        Assert.That(() => RopePositions.LeftPadded([RopePositions.Of([1, 2], [], Image, 2)], 1, CPU), Throws.ArgumentException.With.Message.Contains("more than 1"));
    }
}
