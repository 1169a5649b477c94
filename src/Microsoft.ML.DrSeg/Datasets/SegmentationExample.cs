using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>One question with its answer: an image, what is asked for, and the mask of it.</summary>
/// <param name="Image">The image at its original resolution.</param>
/// <param name="Mask">The mask of it, of the image's size: all objects together; empty where the thing is absent.</param>
/// <param name="Id">Names the example among all of a run; random draws made for it depend on it.</param>
/// <param name="Everything">All labelled objects of the image, where they are known: the warm-up learns from them too.</param>
internal sealed record SegmentationExample(
    RgbImage Image, string Query, SegmentationMask Mask, long Id, IReadOnlyList<LabelledMask>? Everything = null)
{
    private readonly IReadOnlyList<SegmentationMask>? _objects;

    /// <summary>
    /// The objects one by one, none of them empty; together they are <see cref="Mask"/>. Where they are not given, the mask
    /// is one object, or none where it is empty.
    /// </summary>
    public IReadOnlyList<SegmentationMask> Objects
    {
        get => _objects ?? (Mask.Area > 0 ? [Mask] : []);
        init => _objects = value;
    }
}

/// <summary>An object of an image.</summary>
/// <param name="Mask">Its visible part.</param>
internal readonly record struct LabelledMask(string Noun, SegmentationMask Mask);
