using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Training;

public class PrefetcherTests
{
    [Test]
    public void BatchesComeInOrderAndOnce()
    {
        int made = 0;
        using var prefetcher = new Prefetcher<int>(number => { Interlocked.Increment(ref made); return number * number; }, count: 50, ahead: 4);
        Assert.That(prefetcher.Batches(), Is.EqualTo(Enumerable.Range(0, 50).Select(i => i * i)));
        Assert.That(made, Is.EqualTo(50));
    }

    [Test]
    public void NoMoreThanWantedAreMadeAhead()
    {
        int made = 0;
        using (var prefetcher = new Prefetcher<int>(number => { Interlocked.Increment(ref made); return number; }, count: 50, ahead: 4))
        {
            using IEnumerator<int> batches = prefetcher.Batches().GetEnumerator();
            batches.MoveNext();
        }
        Assert.That(made, Is.LessThanOrEqualTo(4));
    }

    [Test]
    public void AFailureReachesTheOneWhoWaits()
    {
        using var prefetcher = new Prefetcher<int>(number => number == 2 ? throw new InvalidDataException("scene 2") : number, count: 5, ahead: 2);
        Assert.That(() => prefetcher.Batches().ToArray(), Throws.TypeOf<InvalidDataException>().With.Message.EqualTo("scene 2"));
    }
}
