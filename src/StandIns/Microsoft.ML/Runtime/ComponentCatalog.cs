using System.Reflection;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.Runtime;

/// <summary>The custom mappings that model files can name.</summary>
public sealed class ComponentCatalog
{
    private readonly Dictionary<string, Type> _factories = [];

    internal ComponentCatalog()
    {
    }

    /// <summary>Makes the public classes with a <see cref="CustomMappingFactoryAttributeAttribute"/> known by the contracts they name.</summary>
    public void RegisterAssembly(Assembly assembly, bool throwOnError = true)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        lock (_factories)
        {
            foreach (Type type in assembly.GetExportedTypes())
            {
                foreach (var attribute in type.GetCustomAttributes<CustomMappingFactoryAttributeAttribute>())
                {
                    if (!_factories.TryAdd(attribute.ContractName, type) && _factories[attribute.ContractName] != type && throwOnError)
                        throw new InvalidOperationException($"Both {_factories[attribute.ContractName]} and {type} are factories for the contract '{attribute.ContractName}'.");
                }
            }
        }
    }

    /// <summary>The transformer of a contract. The assembly that a model file names with it is registered first, so that nobody needs to.</summary>
    internal ITransformer CreateCustomMapping(string contract, string assembly)
    {
        RegisterAssembly(Assembly.Load(assembly));
        Type type;
        lock (_factories)
            type = _factories.GetValueOrDefault(contract);
        if (type == null)
            throw new InvalidOperationException($"There is no public custom mapping factory for the contract '{contract}' in {assembly}. Register the assembly that has it with {nameof(ComponentCatalog)}.{nameof(RegisterAssembly)}.");
        return Activator.CreateInstance(type) is ICustomMappingFactory factory
            ? factory.CreateTransformer(contract)
            : throw new InvalidOperationException($"The class {type} with the contract '{contract}' does not derive from {typeof(CustomMappingFactory<,>).Name}.");
    }
}
