namespace Microsoft.ML.Data;

/// <summary>An estimator that calls back with what it fitted.</summary>
internal sealed class ReportingEstimator<TTransformer>(IEstimator<TTransformer> estimator, Action<TTransformer> onFit) : IEstimator<TTransformer> where TTransformer : class, ITransformer
{
    public TTransformer Fit(IDataView input)
    {
        TTransformer transformer = estimator.Fit(input);
        onFit(transformer);
        return transformer;
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => estimator.GetOutputSchema(inputSchema);
}
