namespace Microsoft.ML.Data;

/// <summary>Makes a column of keys: the member's value n is stored as n + 1, and as 0 (missing) from the count on.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property, AllowMultiple = false, Inherited = true)]
public sealed class KeyTypeAttribute : Attribute
{
    public KeyTypeAttribute()
    {
    }

    public KeyTypeAttribute(ulong count) => Count = count;

    /// <summary>Null: as many as the member's type can tell apart.</summary>
    internal ulong? Count { get; }
}
