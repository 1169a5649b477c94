using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Models;

/// <summary>Turns a box and a point into a mask, as SAM 2 does in the paper (arXiv 2603.00152, section 3). Frozen while a policy trains.</summary>
public interface IPromptableSegmenter : IDisposable
{
    /// <summary>Segments one object for each prompt.</summary>
    /// <returns>One mask a prompt, of its image's size; possibly empty.</returns>
    SegmentationMask[] Segment(IReadOnlyList<SegmenterPrompt> prompts);
}

/// <summary>What to segment.</summary>
/// <param name="Image">The image at its original resolution.</param>
/// <param name="Box">Box around the object, in pixels of the image.</param>
/// <param name="Point">A point on the object, in pixels of the image.</param>
public readonly record struct SegmenterPrompt(RgbImage Image, BoundingBox Box, PixelPoint Point);
