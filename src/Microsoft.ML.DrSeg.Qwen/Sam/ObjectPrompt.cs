using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>A point that is on the object, or off it.</summary>
internal readonly record struct PromptPoint(PixelPoint Place, bool IsOn);

/// <summary>What says which object is meant: a box, any number of points, or both, in pixels of the image.</summary>
internal sealed record ObjectPrompt
{
    /// <exception cref="ArgumentException">There is neither a box nor a point.</exception>
    public ObjectPrompt(BoundingBox? box, params IReadOnlyList<PromptPoint> points)
    {
        if (box is null && points.Count == 0)
            throw new ArgumentException("A prompt needs a box or a point; it has neither.");
        (Box, Points) = (box, points);
    }

    public BoundingBox? Box { get; }

    public IReadOnlyList<PromptPoint> Points { get; }

    /// <summary>A box that holds nothing, and a point that is no number, are left out.</summary>
    /// <exception cref="ArgumentException">Nothing is left.</exception>
    public static ObjectPrompt Of(SegmenterPrompt prompt)
    {
        (_, BoundingBox box, PixelPoint point) = prompt;
        bool hasBox = !box.IsEmpty && float.IsFinite(box.Width) && float.IsFinite(box.Height), hasPoint = float.IsFinite(point.X) && float.IsFinite(point.Y);
        return hasBox || hasPoint
            ? new ObjectPrompt(hasBox ? box : null, hasPoint ? [new PromptPoint(point, true)] : [])
            : throw new ArgumentException($"A prompt needs a box or a point; its box {box} is empty and its point {point} no place.", nameof(prompt));
    }

    /// <summary>Points first, then the corners of the box, with the labels by which SAM knows them: 0 off, 1 on, 2 and 3 corners.</summary>
    public IEnumerable<(PixelPoint Place, int Label)> Labelled()
    {
        foreach (PromptPoint point in Points)
            yield return (point.Place, point.IsOn ? 1 : 0);
        if (Box is not { } box) yield break;
        yield return (new(box.X0, box.Y0), 2);
        yield return (new(box.X1, box.Y1), 3);
    }
}
