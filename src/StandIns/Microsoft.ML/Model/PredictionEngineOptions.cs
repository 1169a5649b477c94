using Microsoft.ML.Data;

namespace Microsoft.ML;

public sealed class PredictionEngineOptions
{
    /// <summary>Whether members of the prediction without a column keep their values instead of being an error.</summary>
    public bool IgnoreMissingColumns = true;

    public SchemaDefinition InputSchemaDefinition;

    public SchemaDefinition OutputSchemaDefinition;

    /// <summary>Whether disposing the engine disposes the model.</summary>
    public bool OwnsTransformer = true;

    public PredictionEngineOptions()
    {
    }
}
