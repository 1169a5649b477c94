using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>A number as native functions take it: by value, without an object behind it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct Number
{
    private enum Kind : long { Absent = -1, Integer = 0, Floating = 1, Boolean = 2 }

    private readonly Kind _kind;
    private readonly long _bits;

    private Number(Kind kind, long bits) => (_kind, _bits) = (kind, bits);

    public static Number Absent => new(Kind.Absent, 0);

    public static Number One => 1L;

    public bool IsFloating => _kind == Kind.Floating;

    public static implicit operator Number(long value) => new(Kind.Integer, value);

    public static implicit operator Number(double value) => new(Kind.Floating, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator Number(bool value) => new(Kind.Boolean, value ? 1 : 0);

    public static implicit operator Number(Scalar value) => value.Value;

    public double ToDouble() => IsFloating ? BitConverter.Int64BitsToDouble(_bits) : _bits;

    /// <summary>The integer, or what is before a floating number's decimal point.</summary>
    public long ToInt64() => IsFloating ? (long)ToDouble() : _bits;
}
