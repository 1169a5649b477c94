using Microsoft.ML.DrSeg.Answers;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Where a model's coordinates lie for one image. They are mapped axis by axis, rounded half up to whole numbers, as the paper's own
/// evaluation does (eVI-group-SCU/Dr-Seg, <c>evaluation_drseg.py</c>), and clipped, which it does not; a box never loses its area to rounding.
/// </summary>
/// <param name="Original">Size of the image in its file: what everything but the model's text speaks of.</param>
/// <param name="Model">The largest coordinates in the text: the resized image's size, or 1000 x 1000.</param>
internal readonly record struct AnswerFrame(ImageSize Original, ImageSize Model)
{
    /// <summary>An object in the coordinates of the text, without its mask.</summary>
    public SegmentedObject ToModel(SegmentedObject original) => Map(original, Original, Model);

    /// <summary>An object of the text in pixels of the original image.</summary>
    public SegmentedObject ToOriginal(SegmentedObject answered) => Map(answered, Model, Original);

    private static SegmentedObject Map(SegmentedObject one, ImageSize from, ImageSize to)
    {
        (float left, float right) = Map(one.Box.X0, one.Box.X1, from.Width, to.Width);
        (float top, float bottom) = Map(one.Box.Y0, one.Box.Y1, from.Height, to.Height);
        return new(new(left, top, right, bottom), new(Rounded(Map(one.Point.X, from.Width, to.Width)), Rounded(Map(one.Point.Y, from.Height, to.Height))));
    }

    private static (float Low, float High) Map(float low, float high, int from, int to)
    {
        double exactLow = Map(low, from, to), exactHigh = Map(high, from, to);
        (float, float) rounded = (Rounded(exactLow), Rounded(exactHigh));
        return rounded.Item1 < rounded.Item2 ? rounded : ((float)Math.Floor(exactLow), (float)Math.Ceiling(exactHigh));
    }

    private static double Map(float value, int from, int to) => Math.Clamp((double)value * to / from, 0, to);

    private static float Rounded(double value) => (float)Math.Floor(value + 0.5);
}
