using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Scenes;

/// <summary>A photograph on which scenes are composed.</summary>
/// <param name="entry">Its row of the table.</param>
/// <param name="image">Its pixels.</param>
internal sealed class SceneBackground(BackgroundEntry entry, RgbImage image)
{
    public BackgroundEntry Entry => entry;
    public RgbImage Image => image;

    /// <summary>Reads a file and shrinks it, by area average, to the given shorter side if it is larger.</summary>
    public static SceneBackground Load(string folder, BackgroundEntry entry, int shorterSide)
    {
        var image = RgbImage.Load(Path.Combine(folder, entry.File));
        double scale = (double)shorterSide / Math.Min(image.Width, image.Height);
        if (scale >= 1)
            return new(entry, image);
        int columns = (int)Math.Round(image.Width * scale), rows = (int)Math.Round(image.Height * scale);
        return new(entry, new(columns, rows, RegionSampler.Shrink(image.Pixels, 3, image.Width, image.Height, columns, rows)));
    }
}
