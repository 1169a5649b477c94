using Microsoft.ML.DrSeg.Answers;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class FrameSuspicionTests
{
    private static readonly TextAnswer Share = new([new(new(0.1f, 0.2f, 0.9f, 1), new(0.5f, 0.5f))], "", []);
    private static readonly TextAnswer Pixels = new([new(new(10, 20, 90, 100), new(50, 50))], "", []);
    private static readonly TextAnswer Nothing = new([], "", []);

    [Test]
    public void ManyAnswersInSharesAreSuspicious() =>
        Assert.That(FrameSuspicion.Of([.. Enumerable.Repeat(Share, 8), Nothing]), Does.Contain("8 answers"));

    [Test]
    public void FewOrMixedAnswersAreNot()
    {
        Assert.That(FrameSuspicion.Of(Enumerable.Repeat(Share, 7)), Is.Null);
        Assert.That(FrameSuspicion.Of([.. Enumerable.Repeat(Share, 20), Pixels]), Is.Null);
        Assert.That(FrameSuspicion.Of(Enumerable.Repeat(Nothing, 20)), Is.Null);
    }
}
