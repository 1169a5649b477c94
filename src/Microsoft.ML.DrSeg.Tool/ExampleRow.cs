using Microsoft.ML.Data;
using Microsoft.ML.DrSeg.Data;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>An example as a row of a data view.</summary>
internal sealed class ExampleRow
{
    // Images of any size: the declared one is not looked at.
    [ImageType(1, 1)]
    public MLImage? Image { get; set; }

    public string? Query { get; set; }

    [SegmentationMaskType]
    public SegmentationMask? Mask { get; set; }

    public static ExampleRow Of(SegmentationExample example) => new() { Image = example.Image.ToMLImage(), Query = example.Query, Mask = example.Mask };
}
