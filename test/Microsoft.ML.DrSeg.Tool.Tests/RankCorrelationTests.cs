using Microsoft.ML.DrSeg.Studies;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tool.Tests;

public class RankCorrelationTests
{
    [Test]
    public void OrdersThatAgreeOrOpposeAreOneAndMinusOne()
    {
        double[] values = [.1, 5, 2, 9, 3];
        Assert.Multiple(() =>
        {
            Assert.That(RankCorrelation.Spearman(values, [.. values.Select(Math.Exp)]), Is.EqualTo(1).Within(1e-15));
            Assert.That(RankCorrelation.Spearman(values, [.. values.Select(x => -x)]), Is.EqualTo(-1).Within(1e-15));
        });
    }

    [Test]
    public void WithoutTiesItIsTheTextbookFormula() =>
        // Ranks 1 2 3 4 5 and 2 1 4 3 5: squared differences 4; 1 - 6 * 4 / (5 * 24).
        Assert.That(RankCorrelation.Spearman([1, 2, 3, 4, 5], [20, 10, 40, 30, 50]), Is.EqualTo(.8).Within(1e-12));

    [Test]
    public void TiesShareTheirMeanPlace() =>
        // Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: products 4.5, squares 4.5 and 5.
        Assert.That(RankCorrelation.Spearman([1, 2, 2, 3], [1, 2, 3, 4]), Is.EqualTo(4.5 / Math.Sqrt(22.5)).Within(1e-12));

    [Test]
    public void AConstantOrdersNothing()
    {
        Assert.Multiple(() =>
        {
            Assert.That(RankCorrelation.Spearman([1, 1, 1], [1, 2, 3]), Is.Null);
            Assert.That(RankCorrelation.Spearman([1], [2]), Is.Null);
            Assert.That(RankCorrelation.Spearman([], []), Is.Null);
        });
    }

    [Test]
    public void IndependentValuesAreNearZero()
    {
        var random = new Random(8);
        double[] first = [.. Enumerable.Range(0, 5000).Select(_ => random.NextDouble())], second = [.. first.Select(_ => random.NextDouble())];
        Assert.That(RankCorrelation.Spearman(first, second), Is.Zero.Within(.05));
    }

    [Test]
    public void BadInputIsNamed()
    {
        Assert.That(() => RankCorrelation.Spearman([1, 2], [1]), Throws.ArgumentException);
        Assert.That(() => RankCorrelation.Spearman([1, double.NaN], [1, 2]), Throws.ArgumentException.With.Message.Contains("Value 1 is NaN"));
    }
}
