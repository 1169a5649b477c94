using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// Sixteen neighbouring numbers compared with one at once: the step that searching, merging and sorting without
/// unforeseeable branches are made of.
/// </summary>
internal static class Sixteen
{
    public const int Length = 16;

    /// <summary>How many of the sixteen are below a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CountBelow(ref double first, double value) => BitOperations.PopCount(Below(ref first, value));

    /// <summary>How many of the sixteen are below a value before the first that is not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LeadBelow(ref double first, double value) => BitOperations.TrailingZeroCount(~Below(ref first, value));

    /// <summary>A bit for each of the sixteen, the first lowest: whether it is below a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Below(ref double first, double value)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            var limit = Vector512.Create(value);
            return Bits(Vector512.LoadUnsafe(ref first), limit) | Bits(Vector512.LoadUnsafe(ref first, 8), limit) << 8;
        }
        var half = Vector256.Create(value);
        return Bits(Vector256.LoadUnsafe(ref first), half) | Bits(Vector256.LoadUnsafe(ref first, 4), half) << 4
            | Bits(Vector256.LoadUnsafe(ref first, 8), half) << 8 | Bits(Vector256.LoadUnsafe(ref first, 12), half) << 12;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Bits(Vector512<double> numbers, Vector512<double> limit) => (uint)Vector512.LessThan(numbers, limit).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Bits(Vector256<double> numbers, Vector256<double> limit) => Vector256.LessThan(numbers, limit).ExtractMostSignificantBits();
}
