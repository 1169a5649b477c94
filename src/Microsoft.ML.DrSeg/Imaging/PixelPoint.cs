namespace Microsoft.ML.DrSeg.Imaging;

/// <summary>A point of an image, in pixels from its upper left corner; the centre of the first pixel is (0.5, 0.5).</summary>
/// <param name="X">Pixels to the right of the left border.</param>
/// <param name="Y">Pixels below the upper border.</param>
public readonly record struct PixelPoint(float X, float Y);
