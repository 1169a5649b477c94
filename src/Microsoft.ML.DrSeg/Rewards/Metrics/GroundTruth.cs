using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// The wanted answer to one query, with its box and point worked out once for all candidates of the group.
/// </summary>
/// <param name="mask">The true mask; empty where the queried thing is absent.</param>
public sealed class GroundTruth(SegmentationMask mask)
{
    private SegmentationMask? _boundary;

    /// <summary>The true mask.</summary>
    public SegmentationMask Mask { get; } = mask ?? throw new ArgumentNullException(nameof(mask));

    /// <summary>The mask's bounding box in pixels, half-open; empty for an empty mask.</summary>
    public BoundingBox Box { get; } = mask.Box;

    /// <summary>A pixel centre well inside the mask; (NaN, NaN) for an empty mask, which has none.</summary>
    public PixelPoint Point { get; } = mask.InteriorPoint;

    /// <summary>The band along the mask's border that the boundary IoU compares.</summary>
    public SegmentationMask Boundary => _boundary ??= Mask.Boundary();
}
