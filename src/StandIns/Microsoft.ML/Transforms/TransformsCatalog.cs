namespace Microsoft.ML;

/// <summary>The place that the extension methods for transforms hang on.</summary>
public sealed class TransformsCatalog
{
    internal TransformsCatalog()
    {
    }

    public ConversionTransforms Conversion { get; } = new();

    /// <summary>The place that the extension methods for conversions hang on.</summary>
    public sealed class ConversionTransforms
    {
        internal ConversionTransforms()
        {
        }
    }
}
