using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

public class MaskChoiceTests
{
    [Test]
    public void StabilityByHand()
    {
        Assert.That(MaskChoice.Stability([.06f, .04f, -.04f, -.06f], .05), Is.EqualTo(1 / 3.0));
        Assert.That(MaskChoice.Stability([-1, -1], .05), Is.EqualTo(1), "no area at all");
    }

    [Test]
    public void AnUnstableSingleMaskGivesWayToTheBestOther()
    {
        float[] quality = [.99f, .2f, .7f, .7f];
        Assert.That(MaskChoice.Single([1, 1, -1], quality, new MaskStability()), Is.Zero);
        Assert.That(MaskChoice.Single([1, .01f, -1], quality, new MaskStability()), Is.EqualTo(2), "the first of equals");
        Assert.That(MaskChoice.Single([1, .01f, -1], quality, new MaskStability(Threshold: .5)), Is.Zero);
    }
}
