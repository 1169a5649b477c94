using System.Runtime.InteropServices;

namespace Microsoft.ML.Data;

/// <summary>Gives every row a number from 0 to 1 by its place, or by the value of a key column, the same in every pass.</summary>
internal sealed class RowFractions
{
    private readonly DataViewSchema.Column? _key;
    private readonly ulong _seed;

    public RowFractions(DataViewSchema.Column? key, int seed)
    {
        if (key is { Type: StructuredDataViewType } column)
            throw SchemaErrors.Mismatch("SamplingKeyColumn", column.Name, "a scalar of a primitive type", column.Type.ToString());
        (_key, _seed) = (key, (ulong)seed);
    }

    public IEnumerable<DataViewSchema.Column> Columns => _key.HasValue ? [_key.Value] : [];

    public Func<double> Bind(DataViewRow row)
    {
        if (_key is not { } key)
            return () => Fraction((ulong)row.Position);
        if (key.Type is TextDataViewType)
        {
            ValueGetter<ReadOnlyMemory<char>> getter = row.GetGetter<ReadOnlyMemory<char>>(key);
            return () =>
            {
                ReadOnlyMemory<char> text = default;
                getter(ref text);
                return Fraction(Hash(text.Span));
            };
        }

        // The hash codes of numbers, times and the like depend on nothing but their values.
        Func<object> value = Getters.Boxed(row, key);
        return () => Fraction((ulong)value().GetHashCode());
    }

    // SplitMix64's finalizer (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
    private double Fraction(ulong value)
    {
        ulong mixed = value * 0x9E3779B97F4A7C15 + _seed * 0xD1342543DE82EF95 + 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        mixed ^= mixed >> 31;
        return (mixed >> 11) * (1.0 / (1UL << 53));
    }

    // FNV-1a: string's own hash code differs from process to process.
    private static ulong Hash(ReadOnlySpan<char> text)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (byte b in MemoryMarshal.AsBytes(text))
            hash = (hash ^ b) * 0x100000001B3;
        return hash;
    }
}
