namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>What the coordinates of a model's answers count. Qwen2.5-VL learned the one, Qwen2-VL and Qwen3-VL the other.</summary>
public enum CoordinateFrame
{
    /// <summary>Pixels of the image as the model is shown it, after resizing.</summary>
    ResizedPixels,

    /// <summary>Thousandths of the image's width and height.</summary>
    Thousandths,
}
