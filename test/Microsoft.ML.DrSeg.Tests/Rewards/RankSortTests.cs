using Microsoft.ML.DrSeg.Rewards;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Rewards;

public class RankSortTests
{
    [Test]
    public void EveryLengthIsSortedAsByTheLibrary()
    {
        var random = new Random(4);
        for (var length = 0; length < 300; length++)
        {
            // Half from a few values, the extreme ones among them.
            double[] values = [.. Enumerable.Range(0, length).Select(_ => random.Next(6) switch
            {
                0 => double.MaxValue,
                1 => double.MinValue,
                2 => .5,
                _ => random.NextDouble() - .5,
            })];
            double[] expected = [.. values.Order()];
            RankSort.Sort(values);
            Assert.That(values, Is.EqualTo(expected));
        }
    }
}
