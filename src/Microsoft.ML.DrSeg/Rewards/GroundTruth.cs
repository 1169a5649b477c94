using Microsoft.ML.DrSeg.Data;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// The wanted answer to one query, with boxes and points worked out once for all candidates of the group.
/// </summary>
public sealed class GroundTruth
{
    private SegmentationMask? _boundary;

    /// <summary>The truth about one object, or about none.</summary>
    /// <param name="mask">The true mask; empty where the queried thing is absent.</param>
    public GroundTruth(SegmentationMask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        (Mask, Box, Point) = (mask, mask.Box, mask.InteriorPoint);
        Objects = mask.Area > 0 ? [new(Box, Point, mask)] : [];
    }

    /// <summary>The truth about any number of objects.</summary>
    /// <param name="mask">All of them together; empty where the queried thing is absent.</param>
    /// <param name="objects">The masks one by one, of the same size, none of them empty.</param>
    /// <exception cref="ArgumentException">An object is empty or has another size.</exception>
    public GroundTruth(SegmentationMask mask, IReadOnlyList<SegmentationMask> objects)
        : this(mask)
    {
        ArgumentNullException.ThrowIfNull(objects);
        // One object that is the whole mask is there already.
        if (objects is not [var only] || !only.Equals(mask))
            Objects = [.. objects.Select(Measured)];
    }

    /// <summary>The true mask: all objects together.</summary>
    public SegmentationMask Mask { get; }

    /// <summary>The mask's bounding box in pixels, half-open; empty for an empty mask.</summary>
    public BoundingBox Box { get; }

    /// <summary>A pixel centre well inside the mask; (NaN, NaN) for an empty mask, which has none.</summary>
    public PixelPoint Point { get; }

    /// <summary>The true objects, each with its mask; none where the queried thing is absent.</summary>
    public IReadOnlyList<SegmentedObject> Objects { get; }

    /// <summary>The band along the mask's border that the boundary IoU compares.</summary>
    public SegmentationMask Boundary => _boundary ??= Mask.Boundary();

    private SegmentedObject Measured(SegmentationMask one, int index) => (one.Width, one.Height) == (Mask.Width, Mask.Height)
        ? SegmentedObject.Of(one)
        : throw new ArgumentException($"The mask of object {index} is {one.Width} x {one.Height} pixels, but the true mask {Mask.Width} x {Mask.Height}. Resize both or neither.", nameof(one));
}
