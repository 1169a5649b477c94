namespace Microsoft.ML.Data;

/// <summary>The type of a value that can also be an item of a vector: copied by assignment, nothing to dispose.</summary>
public abstract class PrimitiveDataViewType : DataViewType
{
    protected PrimitiveDataViewType(Type rawType) : base(rawType)
    {
        if (typeof(IDisposable).IsAssignableFrom(rawType))
            throw new ArgumentException($"A primitive column type cannot hold the disposable {rawType}. Derive from {nameof(StructuredDataViewType)}.", nameof(rawType));
    }
}
