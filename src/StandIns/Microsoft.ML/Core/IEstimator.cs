namespace Microsoft.ML;

/// <summary>Learns a transformer from data.</summary>
public interface IEstimator<out TTransformer> where TTransformer : ITransformer
{
    TTransformer Fit(IDataView input);

    /// <summary>What the schema will look like, known before any data are read. A missing or unfit column is an error here.</summary>
    SchemaShape GetOutputSchema(SchemaShape inputSchema);
}
