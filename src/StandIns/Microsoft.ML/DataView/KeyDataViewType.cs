namespace Microsoft.ML.Data;

/// <summary>The type of keys: 0 is a missing key, 1 to <see cref="Count"/> are the keys 0 to Count - 1.</summary>
public sealed class KeyDataViewType : PrimitiveDataViewType
{
    private static readonly Dictionary<Type, ulong> _largestCounts = new()
    {
        [typeof(byte)] = byte.MaxValue,
        [typeof(ushort)] = ushort.MaxValue,
        [typeof(uint)] = uint.MaxValue,
        [typeof(ulong)] = ulong.MaxValue,
    };

    public KeyDataViewType(Type type, ulong count) : base(type)
    {
        if (!IsValidDataType(type))
            throw new ArgumentOutOfRangeException(nameof(type), $"A key is a byte, ushort, uint or ulong, not {type}.");
        if (count == 0 || count > _largestCounts[type])
            throw new ArgumentOutOfRangeException(nameof(count), count, $"The number of keys of type {type} is from 1 to {_largestCounts[type]}.");
        Count = count;
    }

    public KeyDataViewType(Type type, int count) : this(type, count < 0 ? 0 : (ulong)count)
    {
    }

    public ulong Count { get; }

    public static bool IsValidDataType(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return _largestCounts.ContainsKey(type);
    }

    /// <summary>The keys of a type when their number is not said.</summary>
    internal static ulong LargestCount(Type type) => _largestCounts[type];

    public override bool Equals(DataViewType other) => other is KeyDataViewType key && key.RawType == RawType && key.Count == Count;

    public override bool Equals(object other) => other is DataViewType type && Equals(type);

    public override int GetHashCode() => HashCode.Combine(RawType, Count);

    public override string ToString() => $"Key<{RawType.Name}, 0-{Count - 1}>";
}
