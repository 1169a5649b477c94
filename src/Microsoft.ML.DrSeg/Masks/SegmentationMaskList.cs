namespace Microsoft.ML.DrSeg.Masks;

/// <summary>Several masks of one row as one value of a column: the candidates of a query, or the objects that it asks for.</summary>
/// <param name="masks">The masks in their order; a null stands for an answer that failed, or for an object of which only a box is known.</param>
public sealed class SegmentationMaskList(IEnumerable<SegmentationMask?> masks) : List<SegmentationMask?>(masks);
