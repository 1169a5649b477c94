namespace Microsoft.ML.DrSeg.Imaging;

/// <summary>Where an image is drawn within another one, in whole pixels. It may reach beyond on all sides, or leave some of it free.</summary>
/// <param name="Left">Column of the drawn image's left border; negative where it is cut there.</param>
/// <param name="Top">Row of its upper border; negative where it is cut there.</param>
/// <param name="Width">Columns of the whole drawn image; 0 where nothing of it is left.</param>
/// <param name="Height">Rows of it; 0 where nothing of it is left.</param>
internal readonly record struct ResizedPlacement(int Left, int Top, int Width, int Height)
{
    /// <param name="width">The original's.</param>
    /// <param name="height">The original's.</param>
    public PixelPoint ToOriginal(PixelPoint point, int width, int height) =>
        new((point.X - Left) * width / Math.Max(1, Width), (point.Y - Top) * height / Math.Max(1, Height));
}
