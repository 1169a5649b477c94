using Microsoft.ML.DrSeg.Datasets;

namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>Whose definition of average precision.</summary>
public enum DetectionProtocol
{
    /// <summary>
    /// COCO (Lin et al., arXiv 1405.0312; its tool's <c>cocoeval.py</c>): IoU .5 to .95, 101 recall points, 100 detections
    /// an image and category, crowds by intersection over the detection's area and matchable again and again.
    /// </summary>
    Coco,

    /// <summary>
    /// LVIS (Gupta et al., arXiv 1908.03195, section 2; its tool's <c>eval.py</c>): as COCO, but 300 detections an image, only
    /// categories verified for the image count, and unmatched detections of non-exhaustively annotated ones are passed over.
    /// </summary>
    Lvis,

    /// <summary>
    /// OpenImages (Kuznetsova et al., arXiv 1811.00982, section 4; TensorFlow's Object Detection API): IoU .5, area under the
    /// whole precision envelope, only verified categories, group-of objects by intersection over the detection's area.
    /// </summary>
    OpenImages,
}

/// <summary>What is compared.</summary>
public enum DetectionOverlap
{
    /// <summary>Masks (COCO's <c>segm</c>).</summary>
    Masks,

    /// <summary>Boxes (COCO's <c>bbox</c>).</summary>
    Boxes,
}

/// <summary>LVIS' groups of categories by the number of training images that hold them (Gupta et al., arXiv 1908.03195, section 4).</summary>
public enum CategoryFrequency
{
    /// <summary>In 1 to 10 images: <c>r</c>.</summary>
    Rare,

    /// <summary>In 11 to 100 images: <c>c</c>.</summary>
    Common,

    /// <summary>In more than 100 images: <c>f</c>.</summary>
    Frequent,
}

/// <summary>How average precision is measured.</summary>
/// <remarks>
/// Of two detections with equal scores the one in the image with the lower id comes first, so that the order of the rows does
/// not move the figures; the tools of COCO and LVIS sort their images by id, too. Within an image it is the one that stands first.
/// </remarks>
public sealed record DetectionSettings
{
    /// <summary>Whose definition.</summary>
    public DetectionProtocol Protocol { get; init; }

    /// <summary>What is compared.</summary>
    public DetectionOverlap Overlap { get; init; }

    /// <summary>
    /// How many detections count, those with the highest scores: an image and category for COCO, an image for LVIS and
    /// OpenImages. Null for the protocol's own number: 100, 300, and any number.
    /// </summary>
    public int? MaximumDetections { get; init; }

    /// <summary>How frequent each category is in training, for the LVIS protocol's AP over rare, common and frequent ones; null for none.</summary>
    public IReadOnlyDictionary<string, CategoryFrequency>? Frequencies { get; init; }

    /// <summary>
    /// The hierarchy that categories are expanded along (OpenImages Challenge 2018, evaluation of detection): an object is
    /// one of every category above its own as well, what is present is so too, and what is absent is absent with all below
    /// it. Null for no expansion.
    /// </summary>
    public CategoryHierarchy? Hierarchy { get; init; }

    /// <summary>
    /// Whether detections are expanded along <see cref="Hierarchy"/> as well. Off by default, as in the Challenge, whose
    /// participants hand in every category above a detection's own themselves.
    /// </summary>
    public bool ExpandDetections { get; init; }

    /// <summary>
    /// Whether an OpenImages group-of object counts as one to be found, by its best detection (the Challenge's
    /// <c>group_of_weight</c> of 1), or only excuses the detections inside it (a weight of 0, the V2 metric).
    /// A group-of object without a mask only ever excuses where masks are compared.
    /// </summary>
    public bool GroupsCount { get; init; } = true;

    internal bool IsFederated => Protocol != DetectionProtocol.Coco;

    internal int LimitPerCategory => Protocol == DetectionProtocol.Coco ? MaximumDetections ?? 100 : int.MaxValue;

    internal int LimitPerImage => Protocol switch
    {
        DetectionProtocol.Coco => int.MaxValue,
        DetectionProtocol.Lvis => MaximumDetections ?? 300,
        _ => MaximumDetections ?? int.MaxValue,
    };

    internal void Check()
    {
        if (MaximumDetections is <= 0)
            throw new ArgumentOutOfRangeException(nameof(MaximumDetections), MaximumDetections, "The number of detections that count must be positive, or null for the protocol's own.");
        if (ExpandDetections && Hierarchy is null)
            throw new ArgumentException("Detections can only be expanded along a hierarchy; give one, or turn the expansion off.", nameof(ExpandDetections));
    }
}
