using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// Sorts a step's values: the place of each is how many are below it. Counting these takes as many comparisons as there are
/// pairs, but 32 at once and without a branch, where quicksort mispredicts every second one.
/// </summary>
internal static class RankSort
{
    // From about here on the pairs are too many.
    private const int Most = 256;

    // Four vectors, so that the sums do not wait for each other.
    private const int Together = 32;

    /// <summary>Sorts numbers in ascending order.</summary>
    /// <param name="values">Finite.</param>
    public static void Sort(Span<double> values)
    {
        // Often a whole step has one and the same value, as where every answer has the right number of objects.
        if (IsSorted(values))
            return;
        if (values.Length > Most)
            values.Sort();
        else
            SortFew(values);
    }

    private static bool IsSorted(ReadOnlySpan<double> values)
    {
        for (var i = 1; i < values.Length; i++)
        {
            if (values[i] < values[i - 1])
                return false;
        }
        return true;
    }

    // Not cleared: what lies behind the values in the last vectors is counted for, too, and not used.
    [SkipLocalsInit]
    private static void SortFew(Span<double> values)
    {
        Span<double> unsorted = stackalloc double[Most];
        Span<long> below = stackalloc long[Most];
        values.CopyTo(unsorted);
        for (var i = 0; i < values.Length; i += Together)
            CountBelow(unsorted.Slice(i, Together), values, below.Slice(i, Together));

        values.Fill(double.NegativeInfinity);
        for (var i = 0; i < values.Length; i++)
            values[(int)below[i]] = unsorted[i];
        // Equal values all went to the first of their places; the others follow.
        var last = double.NegativeInfinity;
        foreach (ref var value in values)
            value = last = double.MaxNative(last, value);
    }

    /// <summary>Counts for each of a few numbers how many of all are below it.</summary>
    private static void CountBelow(ReadOnlySpan<double> few, ReadOnlySpan<double> all, Span<long> below)
    {
        ref var first = ref MemoryMarshal.GetReference(few);
        Vector512<double> a = Vector512.LoadUnsafe(ref first), b = Vector512.LoadUnsafe(ref first, 8), c = Vector512.LoadUnsafe(ref first, 16), d = Vector512.LoadUnsafe(ref first, 24);
        Vector512<long> belowA = default, belowB = default, belowC = default, belowD = default;
        foreach (var one in all)
        {
            // What holds is -1.
            var value = Vector512.Create(one);
            belowA -= Vector512.LessThan(value, a).AsInt64();
            belowB -= Vector512.LessThan(value, b).AsInt64();
            belowC -= Vector512.LessThan(value, c).AsInt64();
            belowD -= Vector512.LessThan(value, d).AsInt64();
        }
        belowA.CopyTo(below);
        belowB.CopyTo(below[8..]);
        belowC.CopyTo(below[16..]);
        belowD.CopyTo(below[24..]);
    }
}
