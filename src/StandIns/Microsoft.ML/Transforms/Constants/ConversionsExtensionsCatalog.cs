using Microsoft.ML.Transforms;

namespace Microsoft.ML;

public static class ConversionsExtensionsCatalog
{
    /// <summary>A vector looked up by the value of a column; a value that is not in the table gives an empty one. Here only bytes looked up by texts.</summary>
    public static ValueMappingEstimator<TInputType, TOutputType> MapValue<TInputType, TOutputType>(this TransformsCatalog.ConversionTransforms catalog, string outputColumnName, IEnumerable<KeyValuePair<TInputType, TOutputType[]>> keyValuePairs, string inputColumnName = null)
    {
        ArgumentNullException.ThrowIfNull(keyValuePairs);
        if (keyValuePairs is not IEnumerable<KeyValuePair<string, byte[]>> table)
            throw new NotSupportedException($"This stand-in for Microsoft.ML maps texts to vectors of bytes, not {typeof(TInputType)} to vectors of {typeof(TOutputType)}; the official packages do.");
        return new(new ValueMappingTransformer(outputColumnName, inputColumnName ?? outputColumnName, table.ToDictionary()));
    }
}
