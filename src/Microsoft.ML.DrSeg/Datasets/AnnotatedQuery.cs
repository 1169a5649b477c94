using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>What is asked of an image and what a data set says about it: one row of a data view.</summary>
/// <param name="ImagePath">The image file, inside the data set's folder of images.</param>
/// <param name="Query">What is asked for: a category's name or a sentence.</param>
/// <param name="Category">The category asked for; of a sentence, that of the object it describes.</param>
/// <param name="Mask">The pixels of all objects together, crowds included; empty where the thing is absent.</param>
/// <param name="Objects">The objects one by one; none where the thing is absent.</param>
internal sealed record AnnotatedQuery(
    string ImageId, string ImagePath, string Query, Category Category, SegmentationMask Mask, IReadOnlyList<AnnotatedObject> Objects, QueryTraits Traits);

/// <summary>An object of an image, as annotated.</summary>
/// <param name="Id">The data set's name for it, unique within the data set (within the image for label maps).</param>
/// <param name="Mask">Its pixels; null where only its box is known.</param>
/// <param name="Box">Its box as annotated, in pixels, which may differ from the mask's by parts of a pixel.</param>
/// <param name="Area">Its pixels as annotated, by which COCO sorts objects into small, medium and large.</param>
internal sealed record AnnotatedObject(string Id, SegmentationMask? Mask, BoundingBox Box, double Area, ObjectTraits Traits)
{
    /// <summary><see cref="Box"/> in all the digits that it was written with.</summary>
    public PlacedBox Placed { get; init; } = Box;
}

/// <summary>A category of a data set.</summary>
/// <param name="Id">A number, or a machine name in OpenImages ("/m/0bt9lr").</param>
/// <param name="Name">In words.</param>
/// <param name="Traits"><see cref="QueryTraits.Stuff"/> and the frequency, where the data set says so.</param>
public sealed record Category(string Id, string Name, QueryTraits Traits = QueryTraits.None);

/// <summary>What a data set says about an object beside its place.</summary>
[Flags]
public enum ObjectTraits
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Many objects annotated as one: COCO's crowds, OpenImages' group-of boxes.</summary>
    Group = 1,

    /// <summary>Something lies before it.</summary>
    Occluded = 2,

    /// <summary>It goes on beyond the image.</summary>
    Truncated = 4,

    /// <summary>A drawing or another likeness of it.</summary>
    Depiction = 8,

    /// <summary>Seen from inside, as a room or a car.</summary>
    Inside = 16,
}

/// <summary>What a data set says about the answer to a query as a whole.</summary>
[Flags]
public enum QueryTraits
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The thing was looked for and is not there: LVIS's <c>neg_category_ids</c>, OpenImages' image labels of confidence 0.</summary>
    Absent = 1,

    /// <summary>There may be more of it: LVIS's <c>not_exhaustive_category_ids</c>.</summary>
    NotExhaustive = 2,

    /// <summary>Of some objects only a box is known: the mask is not whole.</summary>
    PartlyMasked = 4,

    /// <summary>Uncountable: grass, sky.</summary>
    Stuff = 8,

    /// <summary>LVIS: the category occurs in 1 to 10 training images.</summary>
    Rare = 16,

    /// <summary>LVIS: in 11 to 100.</summary>
    Common = 32,

    /// <summary>LVIS: in more than 100.</summary>
    Frequent = 64,
}
