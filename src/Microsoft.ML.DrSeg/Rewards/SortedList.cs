using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// Sorted numbers in an array, and a second array that their next version is written to, so that readers keep the current
/// one meanwhile. <see cref="ReferenceDistribution"/> says when to change over.
/// </summary>
internal sealed class SortedList
{
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

    /// <summary>Halves the range without a branch: which half it is cannot be predicted.</summary>
    private static int CountBelow(ReadOnlySpan<double> sorted, double value)
    {
        if (sorted.IsEmpty)
            return 0;
        ref var first = ref MemoryMarshal.GetReference(sorted);
        int from = 0, length = sorted.Length;
        while (length > 1)
        {
            var half = length >>> 1;
            from += half & -Unsafe.BitCast<bool, byte>(Unsafe.Add(ref first, from + half - 1) < value);
            length -= half;
        }
        return from + Unsafe.BitCast<bool, byte>(Unsafe.Add(ref first, from) < value);
    }
}
