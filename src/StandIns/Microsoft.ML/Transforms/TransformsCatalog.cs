namespace Microsoft.ML;

/// <summary>The place that the extension methods for transforms hang on.</summary>
public sealed class TransformsCatalog
{
    internal TransformsCatalog()
    {
    }
}
