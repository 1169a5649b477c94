using Microsoft.ML.DrSeg.Evaluation;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Evaluation;

public class LabelMapAccumulatorTests
{
    private static LabelMapAccumulator Sum(byte[] truth, byte[] predicted, int classes = 3, int? ignore = 255)
    {
        var sums = new LabelMapAccumulator(classes, ignore);
        sums.Add(truth, predicted);
        return sums;
    }

    [Test]
    public void FiguresAreWhatTheHandSays()
    {
        // Class   truth   predicted (last pixel ignored)   both   union
        // 0       2       2                                1      3
        // 1       2       3                                2      3
        // 2       1       0                                0      1
        var metrics = Sum([0, 0, 1, 1, 2, 255], [0, 1, 1, 1, 0, 2]).Complete();
        Assert.Multiple(() =>
        {
            Assert.That(metrics.PixelCount, Is.EqualTo(5));
            Assert.That(metrics.ClassIoU, Is.EqualTo(new double?[] { 1 / 3.0, 2 / 3.0, 0 }));
            Assert.That(metrics.MeanIoU, Is.EqualTo(1 / 3.0).Within(1e-15));
            Assert.That(metrics.PixelAccuracy, Is.EqualTo(3 / 5.0));
            Assert.That(metrics.MeanAccuracy, Is.EqualTo((1 / 2.0 + 1 + 0) / 3).Within(1e-15));
            Assert.That(metrics.FrequencyWeightedIoU, Is.EqualTo((2 / 3.0 + 4 / 3.0 + 0) / 5).Within(1e-15));
        });
    }

    [Test]
    public void AClassThatOccursNowhereIsLeftOutAndOneThatIsOnlyPredictedCounts()
    {
        // Class 0: 1 of 2. Class 1: nowhere. Class 2: predicted once, never true: 0 of 1. Accuracy knows the true class 0 alone.
        var metrics = Sum([0, 0], [0, 2]).Complete();
        Assert.Multiple(() =>
        {
            Assert.That(metrics.ClassIoU, Is.EqualTo(new double?[] { .5, null, 0 }));
            Assert.That(metrics.MeanIoU, Is.EqualTo(.25));
            Assert.That(metrics.MeanAccuracy, Is.EqualTo(.5));
        });
    }

    [Test]
    public void APixelPredictedAsIgnoredIsMissedAndNobodysMistake()
    {
        // Class 0: 1 of 2; class 1: 1 of 1; the prediction 255 is in no union but that of the class it misses.
        var metrics = Sum([0, 0, 1], [0, 255, 1]).Complete();
        Assert.That(metrics.ClassIoU, Is.EqualTo(new double?[] { .5, 1, null }));
    }

    [Test]
    public void TheIgnoredLabelMayBeAClassNumber()
    {
        // Stuff-only maps: 0 is unlabelled. What is predicted there does not matter.
        var metrics = Sum([0, 0, 1, 2], [1, 2, 1, 1], ignore: 0).Complete(["unlabelled", "sky", "grass"]);
        Assert.Multiple(() =>
        {
            Assert.That(metrics.ClassIoU, Is.EqualTo(new double?[] { null, .5, 0 }));
            Assert.That(metrics.ToString(), Does.Contain("mIoU").And.Contain("sky").And.Contain("0.5000"));
        });
    }

    [Test]
    public void CountsAreThoseOfASlowCount([Values(0, 1, 31, 32, 33, 1000, 300_001)] int length, [Values] bool isNoisy)
    {
        // Lengths around the width of a vector, and one beyond what 16-bit counters hold; noise, and long equal runs.
        var random = new Random(length);
        byte[] truth = new byte[length], predicted = new byte[length];
        for (var i = 0; i < length; i++)
        {
            truth[i] = isNoisy ? (byte)random.Next(6) : (byte)(i * 3L / length);
            predicted[i] = isNoisy ? (byte)random.Next(6) : (byte)(i < 2 * (length / 3) + 7 ? 0 : 2);
        }
        var histogram = new JointHistogram();
        histogram.Add(truth, predicted);
        for (var i = 0; i < 6; i++)
            for (var j = 0; j < 6; j++)
                Assert.That(histogram[(byte)i, (byte)j], Is.EqualTo(truth.Zip(predicted).Count(pair => pair.First == i && pair.Second == j)), $"{i}, {j}");
    }

    [Test]
    public void CountersNeverOverflow()
    {
        var same = new byte[100_000];
        var sums = new LabelMapAccumulator(2);
        for (var i = 0; i < 50; i++)
            sums.Add(same, same);
        sums.Add([1], [0]);
        Assert.That(sums.Complete().PixelCount, Is.EqualTo(5_000_001));
    }

    [Test]
    public void NeitherOrderNorPartitionMatters()
    {
        var random = new Random(1);
        var maps = Enumerable.Range(0, 12).Select(_ => (Truth: Noise(), Predicted: Noise())).ToArray();
        var whole = new LabelMapAccumulator(5);
        LabelMapAccumulator[] parts = [new(5), new(5), new(5)];
        foreach (var (truth, predicted) in maps)
            whole.Add(truth, predicted);
        for (var i = 0; i < maps.Length; i++)
            parts[i % 3].Add(maps[^(i + 1)].Truth, maps[^(i + 1)].Predicted);
        parts[2].Merge(parts[0]);
        parts[2].Merge(parts[1]);
        Assert.Multiple(() =>
        {
            Assert.That(parts[2].Complete().ToString(), Is.EqualTo(whole.Complete().ToString()));
            Assert.That(parts[2].Complete().ClassIoU, Is.EqualTo(whole.Complete().ClassIoU));
        });

        byte[] Noise() => [.. Enumerable.Range(0, 500).Select(_ => (byte)random.Next(5))];
    }

    [Test]
    public void ImpossibleMapsAreRefused()
    {
        var unknown = new byte[100];
        unknown[70] = 9;
        Assert.Multiple(() =>
        {
            Assert.That(() => Sum([0], [0, 1]), Throws.ArgumentException.With.Message.Contains("1 pixels").And.Message.Contains("2"));
            Assert.That(() => Sum(unknown, new byte[100]), Throws.ArgumentException.With.Message.Contains("Pixel 70 has label 9").And.Property("ParamName").EqualTo("truth"));
            Assert.That(() => Sum(new byte[100], unknown), Throws.ArgumentException.With.Property("ParamName").EqualTo("predicted"));
            Assert.That(() => Sum([255], [255], ignore: null), Throws.ArgumentException.With.Message.Contains("label 255"));
            Assert.That(() => Sum([255, 255], [0, 1]).Complete(), Throws.InvalidOperationException.With.Message.Contains("ignored"));
            Assert.That(() => Sum([0], [0]).Complete(["only one"]), Throws.ArgumentException.With.Message.Contains("3 classes"));
            Assert.That(() => new LabelMapAccumulator(257), Throws.InstanceOf<ArgumentOutOfRangeException>());
        });
    }
}
