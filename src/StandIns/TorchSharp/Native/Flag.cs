namespace TorchSharp;

/// <summary>C++'s bool: one byte.</summary>
internal readonly struct Flag(bool value)
{
    private readonly byte _value = value ? (byte)1 : (byte)0;

    public static implicit operator Flag(bool value) => new(value);

    public static implicit operator bool(Flag flag) => flag._value != 0;
}
