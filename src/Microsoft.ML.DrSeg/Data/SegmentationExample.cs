namespace Microsoft.ML.DrSeg.Data;

/// <summary>One question with its answer: an image, what is asked for, and the mask of it.</summary>
/// <param name="Image">The image at its original resolution.</param>
/// <param name="Query">What is asked for, such as "dog".</param>
/// <param name="Mask">The mask of it, of the image's size.</param>
/// <param name="Id">Names the example among all of a run; random draws made for it depend on it.</param>
/// <param name="Everything">All labelled objects of the image, where they are known: the warm-up learns from them too.</param>
public sealed record SegmentationExample(
    RgbImage Image, string Query, SegmentationMask Mask, long Id, IReadOnlyList<LabelledMask>? Everything = null)
{
    /// <summary>The masks of the objects asked for, whose union is <see cref="Mask"/>; null where that is one object, or none.</summary>
    public IReadOnlyList<SegmentationMask>? Objects { get; init; }
}

/// <summary>An object of an image.</summary>
/// <param name="Noun">What it is.</param>
/// <param name="Mask">Its visible part.</param>
public readonly record struct LabelledMask(string Noun, SegmentationMask Mask);
