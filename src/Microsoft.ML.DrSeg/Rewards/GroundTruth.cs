using Microsoft.ML.DrSeg.Data;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>
/// The wanted answer to one query: its objects, with their boxes and points worked out once for all candidates of the group,
/// and the mask that they have together.
/// </summary>
public sealed class GroundTruth
{
    private readonly SegmentedObject[] _outlines;
    private SegmentationMask? _boundary;

    /// <summary>Works out boxes and points.</summary>
    /// <param name="mask">The true mask, the union of all objects; empty where the queried thing is absent.</param>
    /// <param name="objects">The masks of the objects, each with a pixel at least; null where the mask is one object, or none.</param>
    /// <exception cref="ArgumentException">An object has no pixel, or there are objects and the mask is empty, or the other way round.</exception>
    public GroundTruth(SegmentationMask mask, IReadOnlyList<SegmentationMask>? objects = null)
    {
        ArgumentNullException.ThrowIfNull(mask);
        Mask = mask;
        Objects = [.. (objects ?? (mask.Area == 0 ? [] : [mask])).Select(SegmentedObject.Of)];
        if (Objects.Count == 0 != (mask.Area == 0))
            throw new ArgumentException($"The true mask has {mask.Area} pixels, but there are {Objects.Count} true objects; it must be the union of them.", nameof(objects));
        _outlines = [.. Objects.Select(one => one with { Mask = null })];
    }

    /// <summary>The true mask.</summary>
    public SegmentationMask Mask { get; }

    /// <summary>The true objects with their masks; none where the queried thing is absent.</summary>
    public IReadOnlyList<SegmentedObject> Objects { get; }

    /// <summary>The band along the mask's border that the boundary IoU compares.</summary>
    public SegmentationMask Boundary => _boundary ??= Mask.Boundary();

    /// <summary>The true objects' boxes and points alone.</summary>
    internal ReadOnlySpan<SegmentedObject> Outlines => _outlines;
}
