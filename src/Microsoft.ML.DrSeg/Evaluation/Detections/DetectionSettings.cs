using Microsoft.ML.DrSeg.Common;
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

    /// <summary>
    /// Panoptic quality (Kirillov et al., arXiv 1801.00868, section 4; panopticapi's <c>evaluation.py</c>):
    /// PQ = sum of the IoUs of matched segments / (TP + FP / 2 + FN / 2), which is SQ, their mean IoU, times RQ = TP / (TP + FP / 2 + FN / 2).
    /// Segments of a category match above an IoU of a half. A pixel has one segment: where detections overlap, the higher score keeps it.
    /// </summary>
    Panoptic,
}

/// <summary>What is compared.</summary>
public enum DetectionOverlap
{
    /// <summary>Masks (COCO's <c>segm</c>).</summary>
    Masks,

    /// <summary>Boxes (COCO's <c>bbox</c>).</summary>
    Boxes,

    /// <summary>
    /// Masks and their boundaries: the lesser of both IoUs (Boundary AP; Cheng et al., arXiv 2103.16562, section 5;
    /// boundary-iou-api). Areas are the masks'.
    /// </summary>
    Boundaries,
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
/// Ids that are whole numbers go by their value, numbers and texts alike, then other texts by their characters.
/// </remarks>
public sealed record DetectionSettings
{
    private static readonly int[] CocoMaxima = [1, 10, 100];

    /// <summary>Whose definition.</summary>
    public DetectionProtocol Protocol { get; init; }

    /// <summary>What is compared.</summary>
    public DetectionOverlap Overlap { get; init; }

    /// <summary>
    /// How many detections count, those with the highest scores: an image and category for COCO, an image for LVIS and
    /// OpenImages. Null for the protocol's own number: 100, 300, and any number.
    /// </summary>
    public int? MaximumDetections { get; init; }

    /// <summary>
    /// The IoUs that AP and AR are averaged over, each above 0 and at most 1; null for the protocol's own, .50:.05:.95. COCO and LVIS.
    /// </summary>
    public IReadOnlyList<double>? Thresholds { get; init; }

    /// <summary>
    /// Ranges of annotated areas in square pixels, both ends inside, that figures are told of besides "all"; null for COCO's small,
    /// medium and large. COCO and LVIS. In a range, objects outside of it, and unmatched detections outside of it, are passed over.
    /// </summary>
    public IReadOnlyList<(string Name, double Low, double High)>? AreaRanges { get; init; }

    /// <summary>
    /// The numbers of detections that average recall is told for, none above <see cref="MaximumDetections"/>; null for 1, 10 and
    /// 100 (COCO: an image and category), 300 (LVIS: an image), or those of them that are not above it.
    /// </summary>
    public IReadOnlyList<int>? RecallMaxima { get; init; }

    /// <summary>
    /// The score from which on detections enter <see cref="DetectionMetrics.Confusion"/>; null for no confusion matrix. An image must
    /// come whole. COCO.
    /// </summary>
    public double? ConfusionScore { get; init; }

    /// <summary>How thick boundaries are, as a share of the image's diagonal, at least a pixel: .02 (Cheng et al., section 4).</summary>
    public double BoundaryShare { get; init; } = .02;

    /// <summary>The categories that are stuff and no things, for panoptic quality of either; null for none.</summary>
    public IReadOnlyCollection<string>? Stuff { get; init; }

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

    internal bool IsFederated => Protocol is DetectionProtocol.Lvis or DetectionProtocol.OpenImages;

    internal bool WantsWholeImages => Hierarchy is not null || ConfusionScore is not null || Protocol == DetectionProtocol.Panoptic;

    internal int LimitPerCategory => Protocol == DetectionProtocol.Coco ? Limit : int.MaxValue;

    internal int LimitPerImage => Protocol == DetectionProtocol.Coco ? int.MaxValue : Limit;

    internal IReadOnlyList<int> Maxima => RecallMaxima ?? Protocol switch
    {
        DetectionProtocol.Coco => [.. CocoMaxima.Where(maximum => maximum < Limit), Limit],
        DetectionProtocol.Lvis => [Limit],
        _ => [],
    };

    private int Limit => MaximumDetections ?? Protocol switch
    {
        DetectionProtocol.Coco => 100,
        DetectionProtocol.Lvis => 300,
        _ => int.MaxValue,
    };

    /// <returns>The cases to judge.</returns>
    internal DetectionCases Check()
    {
        if (MaximumDetections is <= 0)
            throw new ArgumentOutOfRangeException(nameof(MaximumDetections), MaximumDetections, "The number of detections that count must be positive, or null for the protocol's own.");
        foreach (var maximum in RecallMaxima ?? [])
            if (maximum <= 0 || maximum > Limit)
                throw new ArgumentOutOfRangeException(nameof(RecallMaxima), maximum, $"{nameof(RecallMaxima)} must be 1 to {Limit}, which is the number of detections that count; raise {nameof(MaximumDetections)} for more.");
        OptionChecks.Require(BoundaryShare is > 0 and < 1, nameof(BoundaryShare), BoundaryShare, "between 0 and 1");
        if (ExpandDetections && Hierarchy is null)
            throw new ArgumentException("Detections can only be expanded along a hierarchy; give one, or turn the expansion off.", nameof(ExpandDetections));
        if ((Thresholds ?? (object?)AreaRanges ?? RecallMaxima) is not null && Protocol is not (DetectionProtocol.Coco or DetectionProtocol.Lvis))
            throw new ArgumentException($"IoU thresholds, area ranges and maxima of one's own are for COCO and LVIS, not for {Protocol}.", nameof(Thresholds));
        if (ConfusionScore is not null && Protocol != DetectionProtocol.Coco)
            throw new ArgumentException($"A confusion matrix takes every category for verified, as COCO does; {Protocol} does not.", nameof(ConfusionScore));
        if (Protocol == DetectionProtocol.Panoptic && Overlap == DetectionOverlap.Boxes)
            throw new ArgumentException("Panoptic quality is about masks or boundaries, not boxes.", nameof(Overlap));
        var cases = DetectionCases.Of(this);
        cases.Check();
        return cases;
    }
}
