using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>Draws what a model sees: the resized image, and the objects where the text's coordinates put them.</summary>
internal static class SeenPicture
{
    /// <param name="image">At its own size.</param>
    /// <param name="objects">In the text's own coordinates.</param>
    /// <param name="frame">Where these lie.</param>
    /// <param name="sizing">What size images are shown at.</param>
    /// <param name="processing">What the model's folder says.</param>
    public static RgbImage Of(RgbImage image, IReadOnlyList<SegmentedObject> objects, AnswerFrame frame, ImageSizing sizing, ImageProcessing processing)
    {
        ImageSize shown = sizing.Of(frame.Original, processing);
        var overlay = new Overlay(PillowResampler.Resize(image, shown, sizing.Filter(processing)));
        float across = (float)shown.Width / frame.Model.Width, down = (float)shown.Height / frame.Model.Height;
        foreach ((BoundingBox box, PixelPoint point, _) in objects)
            overlay.Box(new(box.X0 * across, box.Y0 * down, box.X1 * across, box.Y1 * down), RgbColor.Yellow).Point(new(point.X * across, point.Y * down), RgbColor.Orange);
        return overlay.Image;
    }
}
