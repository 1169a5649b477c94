using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.LookToConfirm;
using Microsoft.ML.DrSeg.Models;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Common;

public class PhaseClockTests
{
    [Test]
    public void MeasurementsOfAPhaseAddUpUntilTheyAreCleared()
    {
        var clock = new PhaseClock<LookPhase>();
        Assert.That(clock.Seconds(LookPhase.Prompt), Is.Zero);
        using (clock.Measure(LookPhase.Prompt)) Thread.Sleep(20);
        double once = clock.Seconds(LookPhase.Prompt);
        using (clock.Measure(LookPhase.Prompt)) Thread.Sleep(20);
        Assert.That(once, Is.GreaterThanOrEqualTo(0.019));
        Assert.That(clock.Seconds(LookPhase.Prompt), Is.GreaterThanOrEqualTo(once + 0.019));
        Assert.That(clock.Seconds(LookPhase.Sampling), Is.Zero);
        clock.Clear();
        Assert.That(clock.Seconds(LookPhase.Prompt), Is.Zero);
    }

    [Test]
    public void MeasuringAllocatesNothing()
    {
        var clock = new PhaseClock<LookPhase>();
        PhaseClock<LookPhase>? none = null;
        void Measure()
        {
            using (clock.Measure(LookPhase.Prompt)) using (none?.Measure(LookPhase.Prompt)) { }
        }
        Measure();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) Measure();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1000), "less than a byte each");
    }

    [Test]
    public void LookToConfirmTellsItAllItsPhasesAndAnswersTheSame()
    {
        using DrSegModel model = TinyModel.Trained();
        SegmentationQuery[] queries = [.. TinyModel.Examples(3).Select(example => TinyModel.QueryOf(model, example))];
        var options = new LookToConfirmOptions { Threshold = float.PositiveInfinity };
        var clock = new PhaseClock<LookPhase>();
        string[] Answers(PhaseClock<LookPhase>? clock)
        {
            var loop = new LookToConfirmLoop(model.Policy, model.Segmenter, model.Confirmation) { Clock = clock };
            using LookToConfirmSession session = loop.Run(queries, options, seed: 1);
            return [.. session.Results.SelectMany(result => result.Hypotheses).Select(hypothesis => $"{hypothesis.Generated.ToText()} {hypothesis.Confidence}")];
        }
        Assert.That(Answers(clock), Is.EqualTo(Answers(null)));
        Assert.That(Enum.GetValues<LookPhase>().Select(clock.Seconds), Is.All.Positive);
    }
}
