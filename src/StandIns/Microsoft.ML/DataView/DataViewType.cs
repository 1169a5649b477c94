namespace Microsoft.ML.Data;

/// <summary>The type of a column: what its values are, and in which CLR type (<see cref="RawType"/>) a getter delivers them.</summary>
public abstract class DataViewType : IEquatable<DataViewType>
{
    private protected DataViewType(Type rawType)
    {
        ArgumentNullException.ThrowIfNull(rawType);
        RawType = rawType;
    }

    public Type RawType { get; }

    public abstract bool Equals(DataViewType other);
}
