using System.Text.Json;
using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Collects the objects of an answer that is read tolerantly. What is no object is passed over, and told only where nothing else
/// was found. Keys: those of the paper, of Qwen's cookbooks and of Seg-Zero.
/// </summary>
/// <param name="frame">The largest coordinates; boxes and points are clipped to it.</param>
internal sealed class FoundObjects(ImageSize frame)
{
    private static readonly string[] BoxKeys = ["bbox_2d", "bbox", "box_2d", "box"], PointKeys = ["point_2d", "point", "points_1"];

    public List<SegmentedObject> Objects { get; } = [];

    /// <summary>Whether an empty list was found: "there is nothing like that here".</summary>
    public bool SaysNone { get; private set; }

    /// <summary>Why the first thing that is no object is none; null where there was no such thing.</summary>
    public FailedAnswer? Failure { get; private set; }

    /// <summary>Adds an object, a bare box of four numbers, or a list of such.</summary>
    public void Add(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Object)
            AddObject(json);
        else if (json.ValueKind != JsonValueKind.Array)
            Fail(FailedAnswerReason.UnexpectedJson, $"Among the objects stands {json.ValueKind}.");
        else if (Numbers(json, 4) is { } box)
            AddBox(box, null);
        else if (json.GetArrayLength() == 0)
            SaysNone = true;
        else if (json.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number))
            Fail(FailedAnswerReason.MissingBox, $"A list of {json.GetArrayLength()} numbers is no box of four.");
        else
            foreach (JsonElement item in json.EnumerateArray())
                Add(item);
    }

    /// <summary>Adds a box with its point, or with its centre where there is none.</summary>
    public void AddBox(double[] box, double[]? point)
    {
        if (!box.All(double.IsFinite) || point?.All(double.IsFinite) == false)
            Fail(FailedAnswerReason.NumberNotFinite, "A number is too large.");
        else if (!(box[0] < box[2] && box[1] < box[3]))
            Fail(FailedAnswerReason.InvertedBox, $"The box [{string.Join(", ", box)}] must have its far side beyond its near side.");
        else
        {
            var inside = new BoundingBox(X(box[0]), Y(box[1]), X(box[2]), Y(box[3]));
            if (inside.IsEmpty)
                Fail(FailedAnswerReason.BoxOutsideImage, $"The box [{string.Join(", ", box)}] lies outside 0 to {frame}.");
            else
                Objects.Add(new(inside, point is null ? inside.Center : new(X(point[0]), Y(point[1]))));
        }
    }

    private void AddObject(JsonElement json)
    {
        if (Find(json, BoxKeys) is not { } box)
            Fail(FailedAnswerReason.MissingBox, $"An object has none of the keys {string.Join(", ", BoxKeys)}.");
        else if (Numbers(box, 4) is not { } numbers)
            Fail(FailedAnswerReason.UnexpectedJson, "A box is no list of four numbers.");
        else
            AddBox(numbers, Find(json, PointKeys) is { } point ? Numbers(point, 2) : null);
    }

    private static JsonElement? Find(JsonElement json, string[] keys)
    {
        foreach (string key in keys)
            if (json.TryGetProperty(key, out JsonElement value))
                return value;
        return null;
    }

    private static double[]? Numbers(JsonElement json, int count) =>
        json.ValueKind == JsonValueKind.Array && json.GetArrayLength() == count && json.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number)
            ? [.. json.EnumerateArray().Select(item => item.TryGetDouble(out double number) ? number : double.NaN)]
            : null;

    private void Fail(FailedAnswerReason reason, string detail) => Failure ??= new(reason, detail);

    private float X(double value) => (float)Math.Clamp(value, 0, frame.Width);

    private float Y(double value) => (float)Math.Clamp(value, 0, frame.Height);
}
