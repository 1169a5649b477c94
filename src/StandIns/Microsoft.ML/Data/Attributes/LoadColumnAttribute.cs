namespace Microsoft.ML.Data;

/// <summary>Says which field of a text file a member is loaded from. Rows made of objects do not look at it.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property, AllowMultiple = false, Inherited = true)]
public sealed class LoadColumnAttribute : Attribute
{
    public LoadColumnAttribute(int fieldIndex)
    {
    }
}
