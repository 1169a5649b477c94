using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Data;

/// <summary>Loads images from the files that a text column names.</summary>
public sealed class ImageLoadingEstimator : TrivialEstimator<ImageLoadingTransformer>
{
    private readonly string _outputColumn, _inputColumn;

    internal ImageLoadingEstimator(string outputColumn, string imageFolder, string inputColumn)
        : base(new ImageLoadingTransformer(outputColumn, imageFolder, inputColumn))
    {
        (_outputColumn, _inputColumn) = (outputColumn, inputColumn);
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        SchemaShape.Column input = inputSchema.Find(_inputColumn);
        if (input.ItemType is not TextDataViewType || input.Kind != SchemaShape.Column.VectorKind.Scalar)
            throw SchemaErrors.Mismatch("input", _inputColumn, "String", input.TypeText);
        return inputSchema.With(new SchemaShape.Column(_outputColumn, SchemaShape.Column.VectorKind.Scalar, new ImageDataViewType(), isKey: false));
    }
}
