using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms.Image;

/// <summary>Says how large the images of a member are. Without a size it is refused: leave it out and register <see cref="ImageDataViewType"/> instead.</summary>
public sealed class ImageTypeAttribute : DataViewTypeAttribute
{
    private readonly int _height, _width;

    public ImageTypeAttribute()
    {
    }

    public ImageTypeAttribute(int height, int width) => (_height, _width) = (height, width);

    public override void Register() => DataViewTypeManager.Register(new ImageDataViewType(_height, _width), typeof(MLImage), this);

    public override bool Equals(DataViewTypeAttribute other) => other is ImageTypeAttribute image && (image._height, image._width) == (_height, _width);

    public override int GetHashCode() => HashCode.Combine(_height, _width);
}
