using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Microsoft.ML;

public static class CustomMappingCatalog
{
    /// <summary>Columns computed by a function of one's own, from an object with the input's columns to one with the new columns.</summary>
    /// <param name="contractName">The name of the <see cref="CustomMappingFactory{TSrc, TDst}"/> to find again when loading; null when it is not to be saved.</param>
    public static CustomMappingEstimator<TSrc, TDst> CustomMapping<TSrc, TDst>(this TransformsCatalog catalog, Action<TSrc, TDst> mapAction, string contractName, SchemaDefinition inputSchemaDefinition = null, SchemaDefinition outputSchemaDefinition = null)
        where TSrc : class, new()
        where TDst : class, new()
    {
        ArgumentNullException.ThrowIfNull(mapAction);
        return new CustomMappingEstimator<TSrc, TDst>(mapAction, contractName, inputSchemaDefinition, outputSchemaDefinition);
    }

    /// <summary>Drops the rows for which the function is true.</summary>
    public static IDataView FilterByCustomPredicate<TSrc>(this DataOperationsCatalog catalog, IDataView input, Func<TSrc, bool> filterPredicate) where TSrc : class, new()
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(filterPredicate);
        var binding = new ObjectBinding<TSrc>(input.Schema, ignoreMissing: false);
        return new FilteredView(input, binding.Columns, row =>
        {
            Action<TSrc> fill = binding.CreateFiller(row);
            var source = new TSrc();
            return () =>
            {
                fill(source);
                return !filterPredicate(source);
            };
        });
    }
}
