using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Evaluation;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>
/// Columns and options of an evaluation of detections. A row is either one query, whose <see cref="CategoryColumnName"/> is
/// one text that every object and detection of the row belongs to, or one image, where it is a vector with the category of
/// each object. Columns whose name is null do not exist.
/// </summary>
public sealed class DetectionEvaluationOptions
{
    /// <summary>
    /// Options whose columns for what is true are those of a data set that <see cref="DrSegDataCatalog"/> has loaded. Load it
    /// with <see cref="DataSetOptions.IncludeAbsent"/>: without, nobody is told of what was found where it is not.
    /// </summary>
    /// <param name="settings">How to measure; null for COCO's masks.</param>
    public static DetectionEvaluationOptions ForDataSet(DetectionSettings? settings = null) => new()
    {
        Settings = settings ?? new(),
        ImageIdColumnName = "ImageId",
        CategoryColumnName = "CategoryId",
        MaskColumnName = "Masks",
        BoxColumnName = "Boxes",
        AreaColumnName = "Areas",
        CrowdColumnName = "ObjectTraits",
        TraitsColumnName = "Traits",
    };

    /// <summary>How to measure: COCO, LVIS or OpenImages, masks or boxes.</summary>
    public DetectionSettings Settings = new();

    /// <summary>The id of the image (text or a whole number); null where every row is an image of its own, its number being the id.</summary>
    public string? ImageIdColumnName;

    /// <summary>
    /// The category: one text, of the query, or a vector of text, one an object. A query's category counts as verified for
    /// its image, present or absent, whatever the protocol.
    /// </summary>
    public string CategoryColumnName = "Query";

    /// <summary>The category of each detection (vector of text), where <see cref="CategoryColumnName"/> is a vector.</summary>
    public string PredictedCategoryColumnName = "PredictedCategory";

    /// <summary>
    /// The true masks: one (<see cref="SegmentationMask"/>, empty for no object) or a list (<see cref="SegmentationMaskList"/>,
    /// null for an object with a box alone).
    /// </summary>
    public string? MaskColumnName = "Mask";

    /// <summary>The true boxes, x0, y0, x1, y1 in pixels for each object (vector of Single); null for those of the masks.</summary>
    public string? BoxColumnName;

    /// <summary>The annotated size of each object in square pixels (vector of Single or Double), which makes it small, medium or large; null for the masks' or boxes' own.</summary>
    public string? AreaColumnName;

    /// <summary>Whether each object is a crowd or a group (vector of Boolean, or of Int32: <see cref="ObjectTraits"/>); null for none.</summary>
    public string? CrowdColumnName;

    /// <summary>
    /// The predicted masks: one (<see cref="SegmentationMask"/>, empty for no detection) or a list
    /// (<see cref="SegmentationMaskList"/>); null masks are failed answers, which detect nothing.
    /// </summary>
    public string? PredictedMaskColumnName = "PredictedMask";

    /// <summary>The predicted boxes, as <see cref="BoxColumnName"/>.</summary>
    public string? PredictedBoxColumnName;

    /// <summary>The score of each detection: Single or Double for one mask a row, else a vector of either. Look-to-Confirm's is "Confidence".</summary>
    public string ScoreColumnName = "Score";

    /// <summary>Categories verified to be in the image, besides those of its objects (vector of text).</summary>
    public string? PresentColumnName;

    /// <summary>Categories verified not to be in the image (vector of text).</summary>
    public string? AbsentColumnName;

    /// <summary>Categories of which not every object in the image is annotated (vector of text).</summary>
    public string? NonExhaustiveColumnName;

    /// <summary>
    /// What is known about a query (Int32: <see cref="QueryTraits"/>): whether more of it may be in the image than is
    /// annotated, and how frequent its category is, where <see cref="DetectionSettings.Frequencies"/> does not say so. Null for
    /// nothing.
    /// </summary>
    public string? TraitsColumnName;

    /// <summary>The categories there are: any other is an error, which finds misspelt ones. Null to allow any.</summary>
    public IReadOnlyCollection<string>? Categories;
}
