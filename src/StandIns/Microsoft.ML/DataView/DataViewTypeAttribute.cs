namespace Microsoft.ML.Data;

/// <summary>Says which column type a member of a custom CLR type becomes.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.Class | AttributeTargets.Struct, AllowMultiple = false)]
public abstract class DataViewTypeAttribute : Attribute, IEquatable<DataViewTypeAttribute>
{
    protected DataViewTypeAttribute()
    {
    }

    /// <summary>Tells <see cref="DataViewTypeManager"/> the column type that goes with the CLR type and this attribute.</summary>
    public abstract void Register();

    public abstract bool Equals(DataViewTypeAttribute other);
}
