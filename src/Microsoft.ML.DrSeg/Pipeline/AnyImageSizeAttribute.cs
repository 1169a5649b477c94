using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// Says that an <see cref="MLImage"/> member of a row class is a column of images of no one size, as <c>LoadImages</c> gives
/// them; <see cref="ImageTypeAttribute"/> demands a size. ML.NET fills a row class only from columns whose type was registered in
/// the process, takes images of each size for a type of their own, and lets each type be registered for one attribute only.
/// </summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class AnyImageSizeAttribute : DataViewTypeAttribute
{
    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">This process has registered images of any size for bare <see cref="MLImage"/> members.</exception>
    public override void Register()
    {
        try
        {
            DataViewTypeManager.Register(new ImageDataViewType(), typeof(MLImage), this);
        }
        catch (ArgumentException error)
        {
            throw new InvalidOperationException(
                "This process has registered images of any size for another attribute, or for none, and ML.NET takes one a type. Leave out DataViewTypeManager.Register(new ImageDataViewType(), typeof(MLImage)) and mark the members [AnyImageSize] instead.", error);
        }
    }

    /// <inheritdoc/>
    public override bool Equals(DataViewTypeAttribute? other) => other is AnyImageSizeAttribute;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DataViewTypeAttribute);

    /// <inheritdoc/>
    public override int GetHashCode() => typeof(AnyImageSizeAttribute).GetHashCode();
}
