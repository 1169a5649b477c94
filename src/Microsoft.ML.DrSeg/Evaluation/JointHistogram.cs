using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>How often each pair of bytes stands at the same place of two sequences.</summary>
internal sealed class JointHistogram
{
    private const int Pairs = 256 * 256;

    // Four neighbouring pixels count in four 16-bit lanes of their pair's 64-bit word: equal neighbours, of which label maps
    // are full, would otherwise each wait for the one before to be written. The lanes are emptied before they overflow.
    private const int Lanes = 4;
    private const int LaneCapacity = ushort.MaxValue;
    private const ulong OneInEachLane = 0x0001_0001_0001_0001;

    private readonly ulong[] _lanes = new ulong[Pairs];
    private readonly long[] _totals = new long[Pairs];

    // What the fullest lane may hold at most.
    private int _fill;

    /// <param name="second">The other, of the same length.</param>
    public void Add(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        while (!first.IsEmpty)
        {
            if (_fill == LaneCapacity)
                Empty();
            var length = (int)Math.Min(first.Length, (long)(LaneCapacity - _fill) * Lanes);
            Count(first[..length], second[..length]);
            _fill += (length + Lanes - 1) / Lanes;
            first = first[length..];
            second = second[length..];
        }
    }

    public void Merge(JointHistogram other)
    {
        other.Empty();
        for (var i = 0; i < Pairs; i++)
            _totals[i] += other._totals[i];
    }

    /// <summary>How often the first had one value where the second had the other.</summary>
    public long this[byte first, byte second]
    {
        get
        {
            if (_fill > 0)
                Empty();
            return _totals[(first << 8) | second];
        }
    }

    private void Count(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        // Every index is made of 16 bits and the table has 2^16 words, so no access needs to be checked.
        ref var lanes = ref Unsafe.As<ulong, ushort>(ref MemoryMarshal.GetArrayDataReference(_lanes));
        ref var a = ref MemoryMarshal.GetReference(first);
        ref var b = ref MemoryMarshal.GetReference(second);
        var i = 0;
        for (; i <= first.Length - Vector256<byte>.Count; i += Vector256<byte>.Count)
        {
            var (va, vb) = (Vector256.LoadUnsafe(ref a, (nuint)i), Vector256.LoadUnsafe(ref b, (nuint)i));
            if (va == Vector256.Create(va[0]) && vb == Vector256.Create(vb[0]))
            {
                Unsafe.Add(ref Unsafe.As<ushort, ulong>(ref lanes), (va[0] << 8) | vb[0]) += OneInEachLane * (ulong)(Vector256<byte>.Count / Lanes);
                continue;
            }
            var (lowA, highA) = Vector256.Widen(va);
            var (lowB, highB) = Vector256.Widen(vb);
            Count(ref lanes, (lowA << 8) | lowB);
            Count(ref lanes, (highA << 8) | highB);
        }
        for (; i < first.Length; i++)
            Unsafe.Add(ref lanes, (((Unsafe.Add(ref a, i) << 8) | Unsafe.Add(ref b, i)) * Lanes) + (i % Lanes))++;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Count(ref ushort lanes, Vector256<ushort> pairs)
    {
        var words = pairs.AsUInt64();
        Count(ref lanes, words[0]);
        Count(ref lanes, words[1]);
        Count(ref lanes, words[2]);
        Count(ref lanes, words[3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Count(ref ushort lanes, ulong fourPairs)
    {
        Unsafe.Add(ref lanes, (nuint)(ushort)fourPairs * Lanes)++;
        Unsafe.Add(ref lanes, ((nuint)(ushort)(fourPairs >> 16) * Lanes) + 1)++;
        Unsafe.Add(ref lanes, ((nuint)(ushort)(fourPairs >> 32) * Lanes) + 2)++;
        Unsafe.Add(ref lanes, ((nuint)(fourPairs >> 48) * Lanes) + 3)++;
    }

    private void Empty()
    {
        for (var i = 0; i < Pairs; i++)
        {
            var word = _lanes[i];
            if (word != 0)
                _totals[i] += (long)((word & 0xFFFF) + ((word >> 16) & 0xFFFF) + ((word >> 32) & 0xFFFF) + (word >> 48));
        }
        Array.Clear(_lanes);
        _fill = 0;
    }
}
