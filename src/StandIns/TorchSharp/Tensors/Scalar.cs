using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>A number of any element type, as tensor operations take it.</summary>
public sealed class Scalar : IDisposable
{
    internal Number Value { get; }

    private Scalar(Number value, ScalarType type) => (Value, Type) = (value, type);

    public ScalarType Type { get; }

    public static implicit operator Scalar(byte value) => new((long)value, ScalarType.Byte);

    public static implicit operator Scalar(sbyte value) => new((long)value, ScalarType.Int8);

    public static implicit operator Scalar(short value) => new((long)value, ScalarType.Int16);

    public static implicit operator Scalar(int value) => new((long)value, ScalarType.Int32);

    public static implicit operator Scalar(long value) => new(value, ScalarType.Int64);

    public static implicit operator Scalar(float value) => new((double)value, ScalarType.Float32);

    public static implicit operator Scalar(double value) => new(value, ScalarType.Float64);

    public static implicit operator Scalar(bool value) => new(value, ScalarType.Bool);

    public void Dispose()
    {
    }
}
