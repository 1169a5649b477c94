using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// Sorted numbers, and a second array that their next version is written to, so that readers keep the current one meanwhile.
/// <see cref="ReferenceDistribution"/> says when to change over.
/// </summary>
/// <remarks>
/// Behind the numbers stands every sixteenth of them, behind these every sixteenth again, and so on: a search compares
/// sixteen neighbours at a time, each level in one or two lines of memory. Levels are filled up with infinity to whole
/// sixteens.
/// </remarks>
internal sealed class SortedList
{
    private const int Block = 16;

    private double[] _levels = [], _next = [];
    private int _count;

    /// <summary>How many numbers the next version holds.</summary>
    public int NextCount { get; private set; }

    /// <summary>The next version.</summary>
    public ReadOnlySpan<double> Next => _next.AsSpan(0, NextCount);

    /// <summary>How many numbers are below a value, and how many not above it.</summary>
    /// <param name="value">Finite.</param>
    /// <remarks>A reader that was overtaken by a change may be told anything, and finds out by the version's number.</remarks>
    public (int Below, int NotAbove) Rank(double value)
    {
        var (levels, count) = (_levels, _count);
        if (count == 0)
            return (0, 0);
        var below = CountBelow(levels, count, value);
        // Most values are not in the list; only ties are searched for again.
        var tied = below < count && below < levels.Length && levels[below] == value;
        return (below, tied ? CountBelow(levels, count, Math.BitIncrement(value)) : below);
    }

    /// <summary>Writes the next version: the current numbers and others.</summary>
    /// <param name="others">Sorted.</param>
    public void WriteUnion(ReadOnlySpan<double> others) => WriteUnionLess(others, []);

    /// <summary>Writes the next version: the current numbers and others, less some of them.</summary>
    /// <param name="others">Sorted.</param>
    /// <param name="less">Sorted; each is among the current numbers or the others, as often as here.</param>
    public void WriteUnionLess(ReadOnlySpan<double> others, ReadOnlySpan<double> less)
    {
        ReadOnlySpan<double> values = _levels.AsSpan(0, _count);
        var target = Room(values.Length + others.Length - less.Length);
        int other = 0, gone = 0, written = 0;
        while (other < others.Length || gone < less.Length)
        {
            var comes = other < others.Length ? others[other] : double.PositiveInfinity;
            var goes = gone < less.Length ? less[gone] : double.PositiveInfinity;
            var run = CopyBelow(Math.Min(comes, goes), values, target[written..]);
            values = values[run..];
            written += run;
            if (comes <= goes)
                other++;
            if (goes <= comes)
                gone++;
            if (comes < goes)
                target[written++] = comes;
            else if (goes < comes)
                // One of the current numbers, as no other is left that could be meant.
                values = values[1..];
        }
        values.CopyTo(target[written..]);
        WriteLevels();
    }

    /// <summary>Makes the next version an empty one.</summary>
    public void WriteNothing() => NextCount = 0;

    /// <summary>Makes the next version the current one.</summary>
    public void ChangeOver()
    {
        (_levels, _next) = (_next, _levels);
        _count = NextCount;
    }

    private static int Blocks(int count) => (count + Block - 1) / Block;

    private Span<double> Room(int count)
    {
        var length = 0;
        for (var level = count; level > 0; level = level > Block ? Blocks(level) : 0)
            length += Blocks(level) * Block;
        if (_next.Length < length)
            // Doubled, as small lists grow step by step.
            _next = new double[Math.Max(length, 2 * _next.Length)];
        NextCount = count;
        return _next.AsSpan(0, Blocks(count) * Block);
    }

    private void WriteLevels()
    {
        var (start, count) = (0, NextCount);
        while (count > 0)
        {
            var (blocks, end) = (Blocks(count), start + Blocks(count) * Block);
            _next.AsSpan(start + count, end - start - count).Fill(double.PositiveInfinity);
            if (blocks == 1)
                return;
            for (var i = 0; i < blocks; i++)
                _next[end + i] = _next[start + i * Block];
            (start, count) = (end, blocks);
        }
    }

    /// <summary>Copies the numbers below a value, whole vectors at a time where there is room for them; returns how many there are.</summary>
    private static int CopyBelow(double value, ReadOnlySpan<double> sorted, Span<double> target)
    {
        ref double from = ref MemoryMarshal.GetReference(sorted), to = ref MemoryMarshal.GetReference(target);
        var limit = Vector256.Create(value);
        var (count, room) = (0, Math.Min(sorted.Length, target.Length));
        while (count <= room - Vector256<double>.Count)
        {
            // What is copied too much is written over by what comes next.
            var numbers = Vector256.LoadUnsafe(ref from, (nuint)count);
            numbers.StoreUnsafe(ref to, (nuint)count);
            var below = BitOperations.PopCount(Vector256.LessThan(numbers, limit).ExtractMostSignificantBits());
            count += below;
            if (below < Vector256<double>.Count)
                return count;
        }
        for (; count < sorted.Length && sorted[count] < value; count++)
            target[count] = sorted[count];
        return count;
    }

    private static int CountBelow(double[] levels, int count, double value)
    {
        // The levels from the numbers themselves up to the first of a single block.
        Span<int> starts = stackalloc int[8];
        var level = 0;
        for (var size = count; size > Block; size = Blocks(size))
            starts[level + 1] = starts[level++] + Blocks(size) * Block;

        var from = 0;
        while (true)
        {
            var start = starts[level] + from;
            if (start > levels.Length - Block)
                return 0; // overtaken
            var below = from + CountBelow(ref MemoryMarshal.GetArrayDataReference(levels), start, value);
            if (level == 0 || below == 0)
                return below;
            // All blocks before that of the last number below the value lie below it too.
            from = (below - 1) * Block;
            level--;
        }
    }

    private static int CountBelow(ref double levels, int start, double value)
    {
        var limit = Vector256.Create(value);
        var below = Vector256<long>.Zero;
        for (var i = 0; i < Block; i += Vector256<double>.Count)
            below -= Vector256.LessThan(Vector256.LoadUnsafe(ref levels, (nuint)(start + i)), limit).AsInt64();
        return (int)Vector256.Sum(below);
    }
}
