namespace Microsoft.ML.Transforms;

/// <summary>Names a <see cref="CustomMappingFactory{TSrc, TDst}"/>.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class CustomMappingFactoryAttributeAttribute : ExtensionBaseAttribute
{
    public CustomMappingFactoryAttributeAttribute(string contractName) : base(contractName)
    {
    }
}
