namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>Size of an image in whole pixels.</summary>
/// <param name="Width">Pixels in a row, at least 1.</param>
/// <param name="Height">Rows, at least 1.</param>
public readonly record struct ImageSize(int Width, int Height)
{
    /// <summary>As <c>width x height</c>.</summary>
    public override string ToString() => $"{Width} x {Height}";
}
