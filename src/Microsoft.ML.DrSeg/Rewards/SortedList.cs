using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

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
    // Of sixteen to the power of eight numbers; more than an array holds.
    private const int MaxLevels = 8;

    // Behind the levels, so that sixteen numbers can be read or written from every place on.
    private const int Spare = Sixteen.Length;

    private double[] _levels = new double[Spare], _next = new double[Spare];
    // Where the levels begin, from the numbers themselves up to the first of a single block.
    private int[] _starts = new int[MaxLevels], _nextStarts = new int[MaxLevels];
    private int _count, _depth, _nextDepth;

    /// <summary>How many numbers the next version holds.</summary>
    public int NextCount { get; private set; }

    /// <summary>The next version.</summary>
    public ReadOnlySpan<double> Next => _next.AsSpan(0, NextCount);

    /// <summary>Adds to every place how many numbers are below a value and, by a share, how many are equal to it.</summary>
    /// <param name="values">Finite.</param>
    /// <param name="places">The place of every value; added to.</param>
    /// <param name="equalShare">How much an equal number counts.</param>
    /// <param name="sign">1 to add, -1 to take away.</param>
    /// <remarks>A reader that was overtaken by a change may be told anything, and finds out by the version's number.</remarks>
    public void AddPlaces(ReadOnlySpan<double> values, Span<double> places, double equalShare, int sign)
    {
        if (_count == 0)
            return;
        var levels = _levels;
        var starts = _starts.AsSpan(0, _depth);
        for (var i = 0; i < values.Length; i++)
        {
            var below = CountBelow(levels, starts, values[i]);
            // Most values are not in the list; only ties are searched for again.
            var tied = below < levels.Length && levels[below] == values[i];
            var equal = tied ? CountBelow(levels, starts, Math.BitIncrement(values[i])) - below : 0;
            places[i] += sign * (below + equalShare * equal);
        }
    }

    /// <summary>Writes the next version: the current numbers and others.</summary>
    /// <param name="others">Sorted.</param>
    public void WriteUnion(ReadOnlySpan<double> others) => WriteUnionLess(others, []);

    /// <summary>Writes the next version: the current numbers and others, less some of them.</summary>
    /// <param name="others">Sorted.</param>
    /// <param name="less">Sorted; each is among the current numbers or the others, as often as here.</param>
    public void WriteUnionLess(ReadOnlySpan<double> others, ReadOnlySpan<double> less)
    {
        ReadOnlySpan<double> values = _levels;
        var target = Room(_count + others.Length - less.Length);
        int at = 0, other = 0, gone = 0, written = 0;
        while (gone < less.Length || (other < others.Length && at < _count))
        {
            var comes = other < others.Length ? others[other] : double.PositiveInfinity;
            var goes = gone < less.Length ? less[gone] : double.PositiveInfinity;
            var run = CopyBelow(double.MinNative(comes, goes), values[at..], _count - at, target[written..]);
            at += run;
            written += run;
            // Whether one comes or one goes cannot be foreseen, hence no branches. Equal ones cancel out; one that only goes is
            // among the current numbers, as no other is left that could be meant.
            target[written] = comes;
            written += comes < goes ? 1 : 0;
            at += goes < comes ? 1 : 0;
            other += comes <= goes ? 1 : 0;
            gone += goes <= comes ? 1 : 0;
        }
        // The rest of the one or the other; where the list was empty, all.
        values[at.._count].CopyTo(target[written..]);
        others[other..].CopyTo(target[written..]);
        WriteLevels();
    }

    /// <summary>Makes the next version an empty one.</summary>
    public void WriteNothing() => NextCount = 0;

    /// <summary>Makes the next version the current one.</summary>
    public void ChangeOver()
    {
        (_levels, _next) = (_next, _levels);
        (_starts, _nextStarts) = (_nextStarts, _starts);
        _depth = _nextDepth;
        _count = NextCount;
    }

    private static int Blocks(int count) => (count + Sixteen.Length - 1) / Sixteen.Length;

    private Span<double> Room(int count)
    {
        _nextDepth = 1;
        for (var size = count; size > Sixteen.Length; size = Blocks(size))
            _nextStarts[_nextDepth] = _nextStarts[_nextDepth++ - 1] + Blocks(size) * Sixteen.Length;
        var length = _nextStarts[_nextDepth - 1] + Sixteen.Length + Spare;
        if (_next.Length < length)
            // Doubled, as small lists grow step by step.
            _next = new double[Math.Max(length, 2 * _next.Length)];
        NextCount = count;
        return _next;
    }

    private void WriteLevels()
    {
        var (start, size) = (0, NextCount);
        for (var level = 1; level < _nextDepth; level++)
        {
            var (end, blocks) = (_nextStarts[level], Blocks(size));
            _next.AsSpan(start + size, end - start - size).Fill(double.PositiveInfinity);
            for (var i = 0; i < blocks; i++)
                _next[end + i] = _next[start + i * Sixteen.Length];
            (start, size) = (end, blocks);
        }
        _next.AsSpan(start + size, Sixteen.Length - size).Fill(double.PositiveInfinity);
    }

    /// <summary>Copies the numbers below a value, sixteen at a time; returns how many there are. What is copied too much is written over by what comes next.</summary>
    private static int CopyBelow(double value, ReadOnlySpan<double> sorted, int count, Span<double> target)
    {
        for (var copied = 0; ; copied += Sixteen.Length)
        {
            var numbers = sorted.Slice(copied, Sixteen.Length);
            numbers.CopyTo(target.Slice(copied, Sixteen.Length));
            var below = Math.Min(Sixteen.LeadBelow(ref MemoryMarshal.GetReference(numbers), value), count - copied);
            if (below < Sixteen.Length)
                return copied + below;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int CountBelow(double[] levels, ReadOnlySpan<int> starts, double value)
    {
        var below = 0;
        for (var level = starts.Length - 1; level >= 0; level--)
        {
            // All blocks before that of the last number below the value lie below it too.
            var from = Math.Max(below - 1, 0) * Sixteen.Length;
            var start = starts[level] + from;
            if (start > levels.Length - Sixteen.Length)
                return 0; // overtaken
            below = from + Sixteen.CountBelow(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(levels), start), value);
        }
        return below;
    }
}
