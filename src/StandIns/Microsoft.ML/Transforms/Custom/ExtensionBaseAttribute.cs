namespace Microsoft.ML;

/// <summary>Names an extension, so that it can be found again. Only this assembly derives from it.</summary>
public abstract class ExtensionBaseAttribute : Attribute
{
    private protected ExtensionBaseAttribute(string contractName)
    {
        ArgumentException.ThrowIfNullOrEmpty(contractName);
        ContractName = contractName;
    }

    public string ContractName { get; }
}
