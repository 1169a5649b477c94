using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Models;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Common;

public class ReadAheadTests
{
    [Test]
    public void ItemsComeInOrderAndOnce()
    {
        int made = 0;
        using var ahead = new ReadAhead<int>(Enumerable.Range(0, 100).Select(i => { made++; return i * i; }), bound: 3);
        int[] first = [ahead.Take(), ahead.Take()];
        Assert.That(first.Concat(ahead.Rest(default)), Is.EqualTo(Enumerable.Range(0, 100).Select(i => i * i)));
        Assert.That(made, Is.EqualTo(100));
        Assert.That(ahead.Take, Throws.InvalidOperationException);
        Assert.That(ahead.Rest(default), Is.Empty);
    }

    [Test]
    public void AFailureComesWhereItsItemWouldAndNotBefore()
    {
        static IEnumerable<int> Source()
        {
            yield return 1;
            yield return 2;
            throw new InvalidDataException("row 2");
        }
        using var ahead = new ReadAhead<int>(Source(), bound: 10);
        Assert.That((ahead.Take(), ahead.Take()), Is.EqualTo((1, 2)));
        Assert.That(ahead.Take, Throws.TypeOf<InvalidDataException>().With.Message.EqualTo("row 2").And.Property(nameof(Exception.StackTrace)).Contains(nameof(Source)));
        Assert.That(() => ahead.Rest(default).ToArray(), Throws.TypeOf<InvalidDataException>());
    }

    [Test]
    public void NoMoreThanTheBoundIsReadAheadAndTheSourceIsLeft()
    {
        int read = 0;
        bool left = false;
        IEnumerable<int> Source()
        {
            try
            {
                for (; ; read++) yield return read;
            }
            finally
            {
                left = true;
            }
        }
        using (var ahead = new ReadAhead<int>(Source(), bound: 4))
        {
            Assert.That(ahead.Take(), Is.Zero);
            // It reads as far as it may, and then waits: one taken, four waiting, one in hand.
            Assert.That(() => Volatile.Read(ref read), Is.EqualTo(5).After(10_000, 10));
            Thread.Sleep(50);
            Assert.That(Volatile.Read(ref read), Is.EqualTo(5));
        }
        Assert.That(read, Is.EqualTo(5));
        Assert.That(left);
    }

    [Test]
    public void WhoStopsEarlyWaitsForTheItemUnderWayAndForNoOther()
    {
        using ManualResetEventSlim begun = new(), mayEnd = new();
        int made = 0;
        var ahead = new ReadAhead<int>(Enumerable.Range(0, 100).Select(i =>
        {
            begun.Set();
            mayEnd.Wait();
            return made++;
        }), bound: 50);
        begun.Wait();
        var stopping = Task.Run(ahead.Dispose);
        Assert.That(stopping.Wait(100), Is.False);
        mayEnd.Set();
        stopping.Wait();
        Assert.That(made, Is.EqualTo(1));
    }

    [Test]
    public void ACancelledTakerWaitsNoLonger()
    {
        using var mayEnd = new ManualResetEventSlim();
        using var cancel = new CancellationTokenSource();
        using var ahead = new ReadAhead<int>(Enumerable.Range(0, 2).Select(i =>
        {
            if (i == 1) mayEnd.Wait();
            return i;
        }), bound: 1);
        using IEnumerator<int> rest = ahead.Rest(cancel.Token).GetEnumerator();
        Assert.That(rest.MoveNext());
        cancel.CancelAfter(50);
        Assert.That(rest.MoveNext, Throws.InstanceOf<OperationCanceledException>());
        mayEnd.Set();
        // What has come in the meantime is there for another.
        Assert.That(ahead.Take(), Is.EqualTo(1));
    }

    [Test]
    public void CancellationComesBeforeItemsThatWait()
    {
        using var cancel = new CancellationTokenSource();
        using var ahead = new ReadAhead<int>(Enumerable.Range(0, 10), bound: 10);
        var taken = new List<int>();
        Assert.That(
            () =>
            {
                foreach (int item in ahead.Rest(cancel.Token))
                {
                    taken.Add(item);
                    if (item == 2) cancel.Cancel();
                }
            },
            Throws.TypeOf<OperationCanceledException>());
        Assert.That(taken, Is.EqualTo(new[] { 0, 1, 2 }));
    }

    /// <summary>Every thread of the pool takes: the sources must not need one.</summary>
    [Test]
    public void APoolWithoutFreeThreadsHoldsNobodyUp() =>
        Parallel.For(0, 4 * Environment.ProcessorCount, number =>
        {
            using var ahead = new ReadAhead<int>(Enumerable.Range(number, 200), bound: 1);
            Assert.That(ahead.Rest(default), Is.EqualTo(Enumerable.Range(number, 200)));
        });
}
