using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>What is truly in an image and what was detected: all that average precision needs to know of it.</summary>
/// <remarks>
/// An image may come in several parts, such as one a query, as long as no category stands in two of them. With a
/// <see cref="CategoryHierarchy"/> it must come whole.
/// </remarks>
internal sealed record DetectionImage
{
    public required ImageId Id { get; init; }

    public long Row { get; init; }

    public required IReadOnlyList<TrueObject> Truth { get; init; }

    /// <summary>The detections. Among equal scores the one that stands first counts as the better one.</summary>
    public required IReadOnlyList<DetectedObject> Detections { get; init; }

    /// <summary>
    /// Categories that somebody has verified to be in the image, besides those of <see cref="Truth"/>: OpenImages' positive
    /// image-level labels. Unused by <see cref="DetectionProtocol.Coco"/>, where every category is verified.
    /// </summary>
    public IReadOnlyCollection<string> PresentCategories { get; init; } = [];

    /// <summary>
    /// Categories that somebody has verified not to be in the image: LVIS' <c>neg_category_ids</c>, OpenImages' negative
    /// image-level labels. Unused by <see cref="DetectionProtocol.Coco"/>.
    /// </summary>
    public IReadOnlyCollection<string> AbsentCategories { get; init; } = [];

    /// <summary>Categories of which not every object is annotated: LVIS' <c>not_exhaustive_category_ids</c>. Used by <see cref="DetectionProtocol.Lvis"/> alone.</summary>
    public IReadOnlyCollection<string> NonExhaustiveCategories { get; init; } = [];
}

/// <summary>An annotated object.</summary>
/// <param name="Mask">Its mask; null where only its box is known.</param>
/// <param name="Box">Its box in pixels, half-open; null for the box of the mask.</param>
internal sealed record TrueObject(string Category, SegmentationMask? Mask, BoundingBox? Box = null)
{
    /// <summary>
    /// The size in square pixels that makes an object small, medium or large: COCO's and LVIS' <c>area</c> of the annotation,
    /// which boxes are sized by as well. By default the mask's, or the box's where there is no mask.
    /// </summary>
    public double Area { get; init; } = (double?)Mask?.Area ?? Extent(Mask, Box).Area;

    /// <summary>Whether it stands for many objects: COCO's <c>iscrowd</c>, OpenImages' <c>IsGroupOf</c>.</summary>
    public bool IsCrowd { get; init; }

    /// <summary>What boxes are compared by: <see cref="Box"/>, or the same in more digits.</summary>
    internal PlacedBox Extents { get; init; } = Extent(Mask, Box);

    internal static BoundingBox Extent(SegmentationMask? mask, BoundingBox? box) =>
        box ?? mask?.Box ?? throw new ArgumentException("An object needs a mask or a box; this one has neither.", nameof(mask));
}

/// <summary>A detection.</summary>
/// <param name="Score">How sure the detector is; any finite number, a higher one being surer.</param>
/// <param name="Mask">Its mask; null where boxes are compared and there is none.</param>
/// <param name="Box">Its box in pixels, half-open; null for the box of the mask.</param>
internal sealed record DetectedObject(string Category, double Score, SegmentationMask? Mask, BoundingBox? Box = null)
{
    /// <inheritdoc cref="TrueObject.Extents"/>
    internal PlacedBox Extents { get; init; } = TrueObject.Extent(Mask, Box);
}
