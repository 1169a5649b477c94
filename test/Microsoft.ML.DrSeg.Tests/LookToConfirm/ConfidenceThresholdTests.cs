using Microsoft.ML.DrSeg.LookToConfirm;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.LookToConfirm;

public class ConfidenceThresholdTests
{
    [Test]
    public void LiesWhereFurtherLooksStopPaying()
    {
        // Gains less the cost of .1: +.4, +.1, -.2, +.05: sums .4, .5, .3, .35; best after the second.
        float threshold = ConfidenceThreshold.Learn([0.2f, 0.4f, 0.6f, 0.8f], [0.5f, 0.2f, -0.1f, 0.15f], 0.1f);
        Assert.That(threshold, Is.EqualTo(0.5f).Within(1e-6));
    }

    [Test]
    public void IsZeroWhereNoLookPays() =>
        Assert.That(ConfidenceThreshold.Learn([0.1f, 0.9f], [-0.1f, 0.05f], 0.1f), Is.Zero);

    [Test]
    public void LiesAboveAllWhereEveryLookPays() =>
        Assert.That(ConfidenceThreshold.Learn([0.3f, 0.9f], [0.2f, 0.2f], 0.1f), Is.GreaterThan(0.9f).And.LessThan(0.91f));

    [Test]
    public void DoesNotPartEqualConfidences()
    {
        // Alone the first of the two .5 would pay; together they do not.
        float threshold = ConfidenceThreshold.Learn([0.1f, 0.5f, 0.5f], [0.3f, 0.3f, -0.9f], 0.1f);
        Assert.That(threshold, Is.EqualTo(0.3f).Within(1e-6));
    }

    [Test]
    public void AgreesWithTryingEveryThreshold([Range(1, 20)] int seed)
    {
        var random = new Random(seed);
        float[] confidences = [.. Enumerable.Range(0, 30).Select(_ => MathF.Round(random.NextSingle(), 1))];
        float[] gains = [.. confidences.Select(_ => random.NextSingle() - 0.5f)];
        double Total(float t) => confidences.Zip(gains).Where(pair => pair.First < t).Sum(pair => pair.Second - 0.02);
        float learned = ConfidenceThreshold.Learn(confidences, gains, 0.02f);
        double best = Enumerable.Range(0, 24).Max(i => Total(i * 0.05f - 0.024f));
        Assert.That(Total(learned), Is.EqualTo(best).Within(1e-5));
    }

    [Test]
    public void WantsAsManyGainsAsConfidences() =>
        Assert.That(() => ConfidenceThreshold.Learn([0.1f], [], 0.1f), Throws.ArgumentException);
}
