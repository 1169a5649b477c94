using Microsoft.ML.Transforms;

namespace Microsoft.ML;

public static class ExpressionCatalog
{
    /// <summary>A column computed by an expression. Here only constant texts: <c>(x) => "text"</c>.</summary>
    public static ExpressionEstimator Expression(this TransformsCatalog catalog, string outputColumnName, string expression, params string[] inputColumnNames) =>
        new(new ExpressionTransformer(outputColumnName, expression, inputColumnNames));
}
