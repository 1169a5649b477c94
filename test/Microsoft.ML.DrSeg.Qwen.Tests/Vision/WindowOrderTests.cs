using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class WindowOrderTests
{
    [TestCase("qwen2_5_vl_tied")]
    [TestCase("qwen2_5_vl_untied")]
    public void WindowsAreThoseOfTheReference(string name)
    {
        using var reference = new ReferenceModel(name);
        VisionShape shape = reference.Shape.Vision;
        var order = WindowOrder.Of(reference.Grids.Select(grid => grid.Merged(shape.MergeSize)), shape.WindowSize / shape.Factor);
        Assert.That(order.Tokens, Is.EqualTo(reference.Whole("window_index")));
        long[] borders = reference.Whole("window_cu_seqlens");
        Assert.That(order.Lengths.Select(tokens => 4L * tokens), Is.EqualTo(borders.Skip(1).Zip(borders, (end, begin) => end - begin)));
    }

    [Test]
    public void RaggedWindowsHoldWhatIsLeft()
    {
        // Two rows and three columns in windows of two by two: the left one full, the right one of two tokens.
        var order = WindowOrder.Of([new PatchGrid(2, 3), new PatchGrid(1, 1)], 2);
        Assert.That(order.Tokens, Is.EqualTo(new long[] { 0, 1, 3, 4, 2, 5, 6 }));
        Assert.That(order.Lengths, Is.EqualTo(new[] { 4, 2, 1 }));
    }

    [Test]
    public void AnImageOf840PixelsHasThreeSizesOfWindows()
    {
        var order = WindowOrder.Of([new PatchGrid(30, 30)], 4);
        Assert.That(order.Lengths.CountBy(tokens => 4 * tokens), Is.EquivalentTo(new KeyValuePair<int, int>[] { new(64, 49), new(32, 14), new(16, 1) }));
        Assert.That(order.Tokens.Order(), Is.EqualTo(Enumerable.Range(0, 900).Select(token => (long)token)));
    }
}
