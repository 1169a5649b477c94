using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Training;

public class LearningRateScheduleTests
{
    [Test]
    public void RisesThenFallsToItsFloor()
    {
        var schedule = new LearningRateSchedule(Peak: 1, Steps: 100, Floor: 0.1);
        double[] rates = [.. Enumerable.Range(0, 101).Select(schedule.At)];
        Assert.That(rates[..6], Is.Ordered);
        Assert.That(rates[5..], Is.Ordered.Descending);
        Assert.That(rates[5], Is.EqualTo(1).Within(1e-12));
        Assert.That(rates[100], Is.EqualTo(0.1).Within(1e-12));
        // Half-way down the cosine: the mean of peak and floor.
        Assert.That(new LearningRateSchedule(1, 95, 0.1).At(50), Is.EqualTo(0.55).Within(0.01));
    }

    [Test]
    public void AFloorOfOneStaysAtThePeak() =>
        Assert.That(Enumerable.Range(10, 90).Select(new LearningRateSchedule(0.5, 100, 1).At), Is.All.EqualTo(0.5).Within(1e-12));

    [Test]
    public void ALineFallsEvenlyAndAConstantStays()
    {
        var line = new LearningRateSchedule(Peak: 2, Steps: 100, Floor: 0) { Shape = LearningRateShape.Linear, WarmUp = 0.2 };
        Assert.That(Enumerable.Range(20, 81).Select(line.At), Is.EqualTo(Enumerable.Range(0, 81).Select(i => 2 * (1 - i / 80.0))).Within(1e-12));
        Assert.That(line.At(9), Is.EqualTo(2 * 10 / 21.0).Within(1e-12));
        LearningRateSchedule constant = line with { Shape = LearningRateShape.Constant, WarmUp = 0 };
        Assert.That(Enumerable.Range(0, 100).Select(constant.At), Is.All.EqualTo(2));
    }
}
