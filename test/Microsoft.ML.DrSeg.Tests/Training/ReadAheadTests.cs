using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Training;

public class ReadAheadTests
{
    [Test]
    public void ItemsComeInOrder()
    {
        using var ahead = new ReadAhead<int>(Enumerable.Range(0, 100), bound: 3);
        Assert.That(Enumerable.Range(0, 100).Select(_ => ahead.Take()), Is.EqualTo(Enumerable.Range(0, 100)));
        Assert.That(ahead.Take, Throws.InvalidOperationException);
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
        Assert.That(ahead.Take, Throws.TypeOf<InvalidDataException>().With.Message.EqualTo("row 2"));
        Assert.That(ahead.Take, Throws.TypeOf<InvalidDataException>());
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
        using (var ahead = new ReadAhead<int>(Source(), bound: 4)) Assert.That(ahead.Take(), Is.Zero);
        // One taken, four waiting, one in hand.
        Assert.That(read, Is.LessThanOrEqualTo(6));
        Assert.That(left);
    }
}
