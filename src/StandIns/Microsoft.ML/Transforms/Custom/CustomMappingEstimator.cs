using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>Adds columns computed by a function of one's own.</summary>
public sealed class CustomMappingEstimator<TSrc, TDst> : TrivialEstimator<CustomMappingTransformer<TSrc, TDst>>
    where TSrc : class, new()
    where TDst : class, new()
{
    internal CustomMappingEstimator(Action<TSrc, TDst> map, string contract, SchemaDefinition input, SchemaDefinition output)
        : base(new CustomMappingTransformer<TSrc, TDst>(map, contract, input, output))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        foreach (string name in Transformer.InputColumns)
        {
            if (inputSchema.FindOrNull(name) == null)
                throw SchemaErrors.Missing("", name, inputSchema);
        }

        return inputSchema.With(SchemaShape.Create(Transformer.AddedSchema));
    }
}
