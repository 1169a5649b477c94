using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Microsoft.ML.Data;

/// <summary>
/// Gives every row a number from 0 to 1 by its place, or by the value of a key column, the same in every pass. By a key it is that of
/// ML.NET 5.0, so that the same rows come on the same side: a real number stands for its place between the smallest and the largest, a
/// key for its place among all, and of any other value the 30 lower bits of its hash decide. Rows whose key is missing have NaN, and come on neither side.
/// </summary>
internal sealed class RowFractions
{
    private const int HashBits = 30;

    private readonly DataViewSchema.Column? _key;
    private readonly uint _seed;
    private readonly double _smallest, _range;

    public RowFractions(IDataView data, DataViewSchema.Column? key, uint seed)
    {
        if (key is { Type: StructuredDataViewType } column)
            throw SchemaErrors.Mismatch("SamplingKeyColumn", column.Name, "a scalar of a primitive type", column.Type.ToString());
        (_key, _seed) = (key, seed);
        if (key is { Type: NumberDataViewType number } && (number == NumberDataViewType.Single || number == NumberDataViewType.Double))
            (_smallest, _range) = Extent(data, key.Value);
    }

    public IEnumerable<DataViewSchema.Column> Columns => _key.HasValue ? [_key.Value] : [];

    public Func<double> Bind(DataViewRow row)
    {
        if (_key is not { } key)
            return () => OfPlace((ulong)row.Position);
        if (key.Type is TextDataViewType)
        {
            ValueGetter<ReadOnlyMemory<char>> getter = row.GetGetter<ReadOnlyMemory<char>>(key);
            ReadOnlyMemory<char> text = default;
            return () =>
            {
                getter(ref text);
                ReadOnlySpan<char> trimmed = text.Span.Trim(' ');
                return trimmed.IsEmpty ? double.NaN : OfBytes(Encoding.UTF8.GetBytes(trimmed.ToArray()));
            };
        }

        Func<object> value = Getters.Boxed(row, key);
        return key.Type is KeyDataViewType { Count: var count } ? () => OfKey(Convert.ToUInt64(value(), null), count) : () => OfValue(value());
    }

    private static double OfKey(ulong key, double count) => key == 0 ? double.NaN : (key - 0.5) / count;

    private double OfValue(object value) => value switch
    {
        float number => (number - _smallest) / _range,
        double number => (number - _smallest) / _range,
        bool flag => OfInteger(flag ? 1u : 0),
        byte or ushort or uint => OfInteger(Convert.ToUInt32(value, null)),
        sbyte or short or int => OfInteger(Convert.ToInt32(value, null)),
        ulong number => OfInteger(number),
        long number => OfInteger(number),
        DateTime time => OfInteger(time.Ticks),
        DateTimeOffset time => OfInteger(time.UtcTicks),
        TimeSpan time => OfInteger(time.Ticks),
        _ => OfInteger((long)value.GetHashCode()),
    };

    private double OfInteger<T>(T value) where T : IBinaryInteger<T>
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        return OfBytes(bytes[..value.WriteLittleEndian(bytes)]);
    }

    private double OfBytes(ReadOnlySpan<byte> bytes) => OfKey((MurmurHash3(bytes, _seed) & ((1u << HashBits) - 1)) + 1, 1L << HashBits);

    // MurmurHash3, x86, 32 bits (Austin Appleby, public domain). ML.NET hashes texts with it in an encoding that is UTF-8 for those
    // in ASCII, and of others only nearly.
    private static uint MurmurHash3(ReadOnlySpan<byte> bytes, uint seed)
    {
        uint hash = seed;
        ReadOnlySpan<byte> rest = bytes;
        for (; rest.Length >= sizeof(uint); rest = rest[sizeof(uint)..])
            hash = BitOperations.RotateLeft(hash ^ Scrambled(BinaryPrimitives.ReadUInt32LittleEndian(rest)), 13) * 5 + 0xE6546B64;
        uint last = 0;
        for (int i = rest.Length - 1; i >= 0; i--)
            last = last << 8 | rest[i];
        hash ^= Scrambled(last) ^ (uint)bytes.Length;
        hash = (hash ^ hash >> 16) * 0x85EBCA6B;
        hash = (hash ^ hash >> 13) * 0xC2B2AE35;
        return hash ^ hash >> 16;
    }

    private static uint Scrambled(uint block) => BitOperations.RotateLeft(block * 0xCC9E2D51, 15) * 0x1B873593;

    // SplitMix64's finalizer (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
    private double OfPlace(ulong place)
    {
        ulong mixed = place * 0x9E3779B97F4A7C15 + _seed * 0xD1342543DE82EF95 + 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        mixed ^= mixed >> 31;
        return (mixed >> 11) * (1.0 / (1UL << 53));
    }

    private static (double Smallest, double Range) Extent(IDataView data, DataViewSchema.Column key)
    {
        (double smallest, double largest) = (double.PositiveInfinity, double.NegativeInfinity);
        using DataViewRowCursor cursor = data.GetRowCursor([key]);
        Func<object> value = Getters.Boxed(cursor, key);
        while (cursor.MoveNext())
            if (Convert.ToDouble(value(), null) is var number && !double.IsNaN(number))
                (smallest, largest) = (Math.Min(smallest, number), Math.Max(largest, number));
        return (smallest, largest - smallest);
    }
}
