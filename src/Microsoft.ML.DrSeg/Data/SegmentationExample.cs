namespace Microsoft.ML.DrSeg.Data;

/// <summary>One question with its answer: an image, what is asked for, and the mask of it.</summary>
/// <param name="Image">The image at its original resolution.</param>
/// <param name="Query">What is asked for, such as "dog".</param>
/// <param name="Mask">The mask of it, of the image's size.</param>
/// <param name="Id">Names the example among all of a run; random draws made for it depend on it.</param>
public sealed record SegmentationExample(RgbImage Image, string Query, SegmentationMask Mask, long Id);
