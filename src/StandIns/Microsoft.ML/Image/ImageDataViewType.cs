using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms.Image;

/// <summary>The type of image columns, with or without a size in pixels.</summary>
public sealed class ImageDataViewType : StructuredDataViewType
{
    /// <summary>0 when it is not known.</summary>
    public readonly int Height;

    /// <summary>0 when it is not known.</summary>
    public readonly int Width;

    public ImageDataViewType() : base(typeof(MLImage))
    {
    }

    public ImageDataViewType(int height, int width) : base(typeof(MLImage))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        (Height, Width) = (height, width);
    }

    public override bool Equals(DataViewType other) => other is ImageDataViewType image && (image.Height, image.Width) == (Height, Width);

    public override int GetHashCode() => HashCode.Combine(Height, Width);

    public override string ToString() => Height == 0 ? "Image" : $"Image<{Height}, {Width}>";
}
