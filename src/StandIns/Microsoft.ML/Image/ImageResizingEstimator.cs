using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms.Image;

/// <summary>Resizes images to one size.</summary>
public sealed class ImageResizingEstimator : TrivialEstimator<ImageResizingTransformer>
{
    /// <summary>What happens where the shapes differ.</summary>
    public enum ResizingKind : byte
    {
        /// <summary>The whole image, with black bars.</summary>
        IsoPad = 0,

        /// <summary>As much of the image as fills the size.</summary>
        IsoCrop = 1,

        /// <summary>The whole image, distorted.</summary>
        Fill = 2,
    }

    /// <summary>Which part a crop keeps.</summary>
    public enum Anchor : byte
    {
        Right = 0,
        Left = 1,
        Top = 2,
        Bottom = 3,
        Center = 4,
    }

    private readonly string _outputColumn, _inputColumn;

    internal ImageResizingEstimator(string outputColumn, int width, int height, string inputColumn, ResizingKind resizing, Anchor cropAnchor)
        : base(new ImageResizingTransformer(outputColumn, width, height, inputColumn, resizing, cropAnchor))
    {
        (_outputColumn, _inputColumn) = (outputColumn, inputColumn);
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        SchemaShape.Column input = inputSchema.Find(_inputColumn);
        if (input.ItemType is not ImageDataViewType || input.Kind != SchemaShape.Column.VectorKind.Scalar)
            throw SchemaErrors.Mismatch("input", _inputColumn, "image", input.TypeText);
        return inputSchema.With(new SchemaShape.Column(_outputColumn, SchemaShape.Column.VectorKind.Scalar, Transformer.OutputType, isKey: false));
    }
}
