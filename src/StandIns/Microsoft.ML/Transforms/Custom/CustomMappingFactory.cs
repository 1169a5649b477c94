namespace Microsoft.ML.Transforms;

/// <summary>Makes the function of a custom mapping; marked with <see cref="CustomMappingFactoryAttributeAttribute"/> it can be found again by name.</summary>
public abstract class CustomMappingFactory<TSrc, TDst>
    where TSrc : class, new()
    where TDst : class, new()
{
    protected CustomMappingFactory()
    {
    }

    public abstract Action<TSrc, TDst> GetMapping();
}
