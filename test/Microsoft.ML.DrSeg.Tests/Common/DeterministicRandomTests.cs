using Microsoft.ML.DrSeg.Common;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Common;

public class DeterministicRandomTests
{
    // From a second implementation, in Python, whose parts give the published values of SplitMix64 and xoshiro256**.
    [Test]
    public void NumbersOfAKeyAreKnown()
    {
        var random = DeterministicRandom.Create(1, 2, 3);
        Assert.That(random.NextBits(), Is.EqualTo(0xe3f36e05b00b7bea));
        Assert.That(random.NextBits(), Is.EqualTo(0xc1850e4188cb59f9));
        Assert.That(random.NextBits(), Is.EqualTo(0x4fd6f3e03c23e7be));
        var empty = DeterministicRandom.Create();
        Assert.That(empty.NextBits(), Is.EqualTo(0x99ec5f36cb75f2b4));
    }

    [Test]
    public void KeysThatDifferInValueLengthOrOrderDiffer()
    {
        ulong[][] keys = [[], [0], [0, 0], [1], [1, 0], [0, 1], [2, 1], [1, 2], [ulong.MaxValue]];
        ulong[] first = [.. keys.Select(key => DeterministicRandom.Create(key).NextBits())];
        Assert.That(first, Is.Unique);
    }

    [Test]
    public void NumbersOfNeighbouringKeysAreEvenlySpread()
    {
        const int count = 20_000, bins = 10;
        int[] integers = new int[bins], doubles = new int[bins];
        double sum = 0, squares = 0;
        for (int i = 0; i < count; i++)
        {
            var random = DeterministicRandom.Create(7, (ulong)i);
            integers[random.NextInt(bins)]++;
            doubles[(int)(random.NextDouble() * bins)]++;
            double gaussian = random.NextGaussian();
            sum += gaussian;
            squares += gaussian * gaussian;
        }
        // Five standard deviations of a count with probability 1/10, of a mean, and of a mean square.
        double slack = 5 * Math.Sqrt(count * 0.1 * 0.9);
        Assert.That(integers, Is.All.EqualTo(count / bins).Within(slack));
        Assert.That(doubles, Is.All.EqualTo(count / bins).Within(slack));
        Assert.That(sum / count, Is.EqualTo(0).Within(5 / Math.Sqrt(count)));
        Assert.That(squares / count, Is.EqualTo(1).Within(5 * Math.Sqrt(2.0 / count)));
    }

    [Test]
    public void NoNumberBelowNone()
    {
        Assert.That(() => DeterministicRandom.Create(1).NextInt(0), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
