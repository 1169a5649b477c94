using System.Numerics;

namespace Microsoft.ML.DrSeg.Common;

/// <summary>
/// Random numbers that depend on a key alone, on every platform and in every order of calls: work that is numbered
/// (scene 17 of seed 3) makes its own generator from those numbers instead of sharing one.
/// </summary>
/// <remarks>
/// xoshiro256** (Blackman and Vigna 2021), its state drawn by SplitMix64 (Steele, Lea and Flood 2014) from the mixed key.
/// <see cref="NextGaussian"/> rests on Math.Log and Math.Cos, whose last bit may differ between platforms; the others
/// are exact. A mutable value: pass it by reference.
/// </remarks>
internal struct DeterministicRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong _s0, _s1, _s2, _s3;

    /// <summary>The generator of a key; keys that differ in a value, in length or in order have unrelated generators.</summary>
    public static DeterministicRandom Create(params ReadOnlySpan<ulong> key)
    {
        ulong state = (ulong)key.Length;
        foreach (ulong part in key)
            state = Mix(state + Golden) ^ part;
        return new()
        {
            _s0 = Mix(state += Golden),
            _s1 = Mix(state += Golden),
            _s2 = Mix(state += Golden),
            _s3 = Mix(state + Golden),
        };
    }

    public ulong NextBits()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9, shifted = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= shifted;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>A number from 0 to below 1, a multiple of 2^-53.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    public double NextDouble(double low, double high) => low + (high - low) * NextDouble();

    /// <summary>A whole number from 0 to below <paramref name="count"/>, each as likely (up to count / 2^64).</summary>
    public int NextInt(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return (int)Math.BigMul(NextBits(), (ulong)count, out _);
    }

    /// <summary>A number of the standard normal distribution (Box and Muller 1958).</summary>
    public double NextGaussian() =>
        Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
