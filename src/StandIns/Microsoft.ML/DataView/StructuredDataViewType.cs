namespace Microsoft.ML.Data;

/// <summary>The type of a composite value: a vector, an image, or an object of a type of one's own.</summary>
public abstract class StructuredDataViewType : DataViewType
{
    protected StructuredDataViewType(Type rawType) : base(rawType)
    {
    }
}
