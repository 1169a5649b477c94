using Microsoft.ML.DrSeg.Studies;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tool.Tests;

public class CalibrationTests
{
    [Test]
    public void AWorkedExample()
    {
        // Two bins: below .5 promises .2 and .4, keeps 0 and 1; above promises .8, .8 and 1, keeps 1, 1 and 1.
        var calibration = Calibration.From([.2, .4, .8, .8, 1], [0, 1, 1, 1, 1], bins: 2);
        Assert.Multiple(() =>
        {
            Assert.That(calibration.Bins[0].Count, Is.EqualTo(2));
            Assert.That(calibration.Bins[0].MeanConfidence, Is.EqualTo(.3).Within(1e-12));
            Assert.That(calibration.Bins[0].MeanOutcome, Is.EqualTo(.5).Within(1e-12));
            Assert.That(calibration.Bins[1], Is.EqualTo(new ReliabilityBin(.5, 1, 3, 2.6 / 3, 1)));
            Assert.That(calibration.ExpectedError, Is.EqualTo((2 * .2 + 3 * (.4 / 3)) / 5).Within(1e-12));
        });
    }

    [Test]
    public void HonestConfidencesHaveASmallErrorAndBoastfulOnesALargeOne()
    {
        var random = new Random(3);
        double[] honest = [.. Enumerable.Range(0, 20000).Select(_ => random.NextDouble())];
        double[] outcomes = [.. honest.Select(p => random.NextDouble() < p ? 1.0 : 0.0)];
        Assert.Multiple(() =>
        {
            Assert.That(Calibration.From(honest, outcomes).ExpectedError, Is.LessThan(.02));
            Assert.That(Calibration.From([.. honest.Select(_ => 1.0)], outcomes).ExpectedError, Is.EqualTo(.5).Within(.02));
        });
    }

    [Test]
    public void EmptyBinsStayInTheDiagramAndOutOfTheError()
    {
        var calibration = Calibration.From([.05], [.05]);
        Assert.Multiple(() =>
        {
            Assert.That(calibration.Bins, Has.Count.EqualTo(10));
            Assert.That(calibration.Bins.Sum(bin => bin.Count), Is.EqualTo(1));
            Assert.That(calibration.ExpectedError, Is.Zero);
        });
    }

    [Test]
    public void BadInputIsNamed()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => Calibration.From([], []), Throws.ArgumentException);
            Assert.That(() => Calibration.From([.5], [.5, .6]), Throws.ArgumentException);
            Assert.That(() => Calibration.From([.5, double.NaN], [0, 1]), Throws.ArgumentException.With.Message.Contains("Value 1 is NaN"));
            Assert.That(() => Calibration.From([.5], [1.5]), Throws.ArgumentException.With.Message.Contains("outcomes"));
        });
    }
}
