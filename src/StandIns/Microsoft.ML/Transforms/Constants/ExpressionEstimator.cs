using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <inheritdoc cref="ExpressionCatalog.Expression"/>
public sealed class ExpressionEstimator : IEstimator<ExpressionTransformer>
{
    private readonly ExpressionTransformer _transformer;

    internal ExpressionEstimator(ExpressionTransformer transformer) => _transformer = transformer;

    public ExpressionTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _ = _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        foreach (string name in _transformer.InputColumns)
            _ = inputSchema.Find(name);
        return inputSchema.With(new SchemaShape.Column(_transformer.OutputColumn, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, isKey: false));
    }
}
