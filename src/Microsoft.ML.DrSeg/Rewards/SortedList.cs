using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// Sorted numbers in an array, and a second array that their next version is written to, so that readers keep the current
/// one meanwhile. <see cref="ReferenceDistribution"/> says when to change over.
/// </summary>
internal sealed class SortedList
{
    private const int Parts = 16;

    private double[] _values = [], _next = [];
    private int _count;

    /// <summary>How many numbers the next version holds.</summary>
    public int NextCount { get; private set; }

    /// <summary>The next version.</summary>
    public ReadOnlySpan<double> Next => _next.AsSpan(0, NextCount);

    private ReadOnlySpan<double> Values
    {
        get
        {
            var (values, count) = (_values, _count);
            // A reader may see the array of one version and the length of another; it will find out later, but must not fail now.
            return values.AsSpan(0, Math.Min(count, values.Length));
        }
    }

    /// <summary>How many numbers are below a value, and how many not above it.</summary>
    public (int Below, int NotAbove) Rank(double value)
    {
        var values = Values;
        if (values.IsEmpty)
            return (0, 0);
        var below = CountBelow(values, value);
        var notAbove = below;
        // Most values are not in the list, and most that are stand alone; only ties are searched for again.
        if (below < values.Length && values[below] == value)
            notAbove += 1 + CountBelow(values[(below + 1)..], Math.BitIncrement(value));
        return (below, notAbove);
    }

    /// <summary>Writes the next version: the current numbers and others.</summary>
    /// <param name="others">Sorted.</param>
    public void WriteUnion(ReadOnlySpan<double> others) => WriteUnionLess(others, []);

    /// <summary>Writes the next version: the current numbers and others, less some of them.</summary>
    /// <param name="others">Sorted.</param>
    /// <param name="less">Sorted; each is among the current numbers or the others, as often as here.</param>
    public void WriteUnionLess(ReadOnlySpan<double> others, ReadOnlySpan<double> less)
    {
        var values = Values;
        var target = Room(values.Length + others.Length - less.Length);
        int value = 0, other = 0, gone = 0, written = 0;
        while (value < values.Length || other < others.Length)
        {
            var next = other < others.Length && (value == values.Length || others[other] <= values[value]) ? others[other++] : values[value++];
            if (gone < less.Length && less[gone] == next)
                gone++;
            else
                target[written++] = next;
        }
    }

    /// <summary>Makes the next version an empty one.</summary>
    public void WriteNothing() => NextCount = 0;

    /// <summary>Makes the next version the current one.</summary>
    public void ChangeOver()
    {
        (_values, _next) = (_next, _values);
        _count = NextCount;
    }

    private Span<double> Room(int count)
    {
        if (_next.Length < count)
            // Doubled, as small lists grow step by step.
            _next = new double[Math.Max(count, 2 * _next.Length)];
        NextCount = count;
        return _next.AsSpan(0, count);
    }

    /// <summary>
    /// Splits the range in sixteen with fifteen comparisons that do not wait for each other, so that their loads from memory
    /// overlap; halving it would need one less than a third of them, but each after the last.
    /// </summary>
    private static int CountBelow(ReadOnlySpan<double> sorted, double value)
    {
        ref var first = ref MemoryMarshal.GetReference(sorted);
        int from = 0, length = sorted.Length;
        while (length >= Parts)
        {
            var part = length / Parts;
            var below = 0;
            for (var i = 1; i < Parts; i++)
                below += Unsafe.BitCast<bool, byte>(Unsafe.Add(ref first, from + i * part - 1) < value);
            from += below * part;
            length = below == Parts - 1 ? length - below * part : part;
        }
        var count = from;
        for (var i = from; i < from + length; i++)
            count += Unsafe.BitCast<bool, byte>(Unsafe.Add(ref first, i) < value);
        return count;
    }
}
