using Microsoft.ML.DrSeg.Data;

namespace Microsoft.ML.DrSeg.Pipeline;

/// <summary>The columns that all steps have which answer queries.</summary>
public abstract class QueryOptions
{
    private protected QueryOptions()
    {
    }

    /// <summary>Input: the image (MLImage), at its own resolution.</summary>
    public string ImageColumnName = "Image";

    /// <summary>Input: what is asked for (text), such as "dog".</summary>
    public string QueryColumnName = "Query";

    /// <summary>Input when fitting: the true mask (<see cref="SegmentationMask"/>), of the image's size. A trainer needs it; Look-to-Confirm learns its threshold from it where there is one.</summary>
    public string LabelColumnName = "Mask";

    /// <summary>Output: the mask (<see cref="SegmentationMask"/>), of the image's size; empty where every answer failed. Look-to-Confirm's hides a trainer's provisional one.</summary>
    public string PredictedMaskColumnName = "PredictedMask";

    /// <summary>Output: the box of the answer as x0, y0, x1, y1 in pixels, within the image (vector of 4 Single); all 0 where every answer failed.</summary>
    public string PredictedBoxColumnName = "PredictedBox";

    /// <summary>Checks the names of all columns.</summary>
    /// <param name="otherOutputs">Outputs besides mask and box: the option and the name it gives.</param>
    /// <exception cref="ArgumentException">A name is empty, or two outputs have the same.</exception>
    private protected void ValidateColumns(params (string Option, string Name)[] otherOutputs) => OptionChecks.RequireNames(
        [(nameof(ImageColumnName), ImageColumnName), (nameof(QueryColumnName), QueryColumnName), (nameof(LabelColumnName), LabelColumnName)],
        [(nameof(PredictedMaskColumnName), PredictedMaskColumnName), (nameof(PredictedBoxColumnName), PredictedBoxColumnName), .. otherOutputs]);
}
