using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Rewards;

namespace Microsoft.ML.DrSeg.Tests.Rewards;

/// <summary>The three components of the paper's accuracy reward.</summary>
/// <param name="BoxIoU">Mean IoU of the matched boxes.</param>
/// <param name="Count">Fewer objects over more.</param>
/// <param name="Point">Mean point score of the matched pairs.</param>
internal readonly record struct PublishedComponents(double BoxIoU, double Count, double Point);

/// <summary>
/// The rewards of the Dr. Seg paper (arXiv 2603.00152) as its published code computes them, mistakes included, built from
/// the library's matching and window: where it agrees with that code's own results, these parts do what the paper means.
/// </summary>
/// <remarks>
/// What it keeps of the published code: boxes whose last pixels belong to them (+1), distances in pixels of an 840 x 840
/// canvas, coordinates taken as they come, answers that cannot be read scored as empty ones, a cut after 120 objects; ranks
/// that count equal values as lower ones, among single-precision values, rounded to one decimal half to even; a window of
/// 2,048 that begins with 128 rows of zeros and takes a step in at the step's end. What it does not keep: matching by three
/// yes/no tests, whose result depends on the order of the answer. Numbers and lists of other kinds than the grammar's count
/// as unreadable here.
/// </remarks>
internal sealed partial class PublishedReward
{
    /// <summary>Side of the canvas in pixels that all distances refer to.</summary>
    public const int Canvas = 840;

    private const int MostObjects = 120, WindowCapacity = 2048, FirstZeros = 128;

    private readonly ReferenceDistribution _boxIoU = new(WindowCapacity), _count = new(WindowCapacity), _point = new(WindowCapacity);

    /// <summary>Begins with the published window: zeros.</summary>
    public PublishedReward() => EndStep(new PublishedComponents[FirstZeros]);

    /// <summary>The raw components of an answer.</summary>
    /// <param name="text">What the model wrote.</param>
    /// <param name="wanted">The true objects; boxes with their last pixels inside, as the published data have them.</param>
    public static PublishedComponents Measure(string text, IReadOnlyList<SegmentedObject> wanted) =>
        Measure(text, wanted, out _);

    /// <inheritdoc cref="Measure(string, IReadOnlyList{SegmentedObject})"/>
    /// <param name="text">What the model wrote.</param>
    /// <param name="wanted">The true objects.</param>
    /// <param name="cost">The total cost of the matching: <c>(1 - IoU) + distance / diagonal</c>, summed over pairs.</param>
    public static PublishedComponents Measure(string text, IReadOnlyList<SegmentedObject> wanted, out double cost)
    {
        SegmentedObject[] answered = [.. Read(text).Take(MostObjects).Select(WithLastPixels)];
        SegmentedObject[] truth = [.. wanted.Take(MostObjects).Select(WithLastPixels)];
        var scorer = new AnswerScorer();
        var metrics = scorer.Measure(answered, truth, Canvas, Canvas);
        cost = scorer.MatchingCost;
        // The published code gives no box or point score to nothing against nothing.
        return answered.Length == 0 || truth.Length == 0
            ? new(0, metrics.CountScore, 0)
            : new(metrics.BoxIoU, metrics.CountScore, metrics.PointScore);
    }

    /// <summary>
    /// The published format reward, 0 to 4: one for think and answer and nothing else, two for the shares of objects that
    /// list four box and two point coordinates, one for a look span that is not blank.
    /// </summary>
    public static double Format(string text)
    {
        var format = WholeText().IsMatch(text) ? 1.0 : 0;
        using var answer = Json(text);
        if (answer?.RootElement is { ValueKind: JsonValueKind.Array } list)
        {
            foreach (var item in list.EnumerateArray())
                format += (HasNumbers(item, "bbox_2d", 4) + HasNumbers(item, "point_2d", 2)) / list.GetArrayLength();
        }
        return format + (Elements().Matches(text).Any(element => Look().IsMatch(element.Groups[2].ValueSpan)) ? 1 : 0);
    }

    /// <summary>The published non-repetition reward of a whole text.</summary>
    public static double NonRepetition(string text) => Repetition.Score(text);

    /// <summary>Ranks components against the window as it stands.</summary>
    public PublishedComponents Rank(PublishedComponents raw) =>
        new(Rank(_boxIoU, raw.BoxIoU), Rank(_count, raw.Count), Rank(_point, raw.Point));

    /// <summary>Merges the components of a step into the window, once all of the step are ranked.</summary>
    public void EndStep(ReadOnlySpan<PublishedComponents> step)
    {
        var values = new double[step.Length];
        Merge(_boxIoU, step, raw => raw.BoxIoU);
        Merge(_count, step, raw => raw.Count);
        Merge(_point, step, raw => raw.Point);

        void Merge(ReferenceDistribution window, ReadOnlySpan<PublishedComponents> rows, Func<PublishedComponents, double> component)
        {
            for (var i = 0; i < rows.Length; i++)
                values[i] = (float)component(rows[i]);
            window.Merge(values);
        }
    }

    /// <summary>
    /// A share of 0 to 1 rounded to one decimal as Python's <c>round</c> does: the exact binary value decides, and only an
    /// exact half goes to the even digit. <see cref="Math.Round(double, int)"/> multiplies first and so finds halves that are none.
    /// </summary>
    public static double RoundToTenth(double share)
    {
        var tenths = Math.Floor(share * 10);
        // The sign of a fused result is that of the exact one.
        if (Math.FusedMultiplyAdd(share, 10, -tenths) < 0)
            tenths--;
        var overHalf = Math.FusedMultiplyAdd(share, 10, -(tenths + 0.5));
        if (overHalf > 0 || (overHalf == 0 && tenths % 2 != 0))
            tenths++;
        return tenths / 10;
    }

    // Of values in single precision none lies between one and the next double, so those below the latter are those not above
    // the former.
    private static double Rank(ReferenceDistribution window, double raw) => RoundToTenth(window.Quantile(Math.BitIncrement((float)raw)));

    private static SegmentedObject WithLastPixels(SegmentedObject one) =>
        one with { Box = one.Box with { X1 = one.Box.X1 + 1, Y1 = one.Box.Y1 + 1 } };

    private static List<SegmentedObject> Read(string text)
    {
        using var answer = Json(text);
        if (answer?.RootElement is not { ValueKind: JsonValueKind.Array } list)
            return [];
        var objects = new List<SegmentedObject>();
        foreach (var item in list.EnumerateArray())
        {
            if (HasNumbers(item, "bbox_2d", 4) == 0 || HasNumbers(item, "point_2d", 2) == 0)
                return [];
            float[] box = [.. item.GetProperty("bbox_2d").EnumerateArray().Select(number => number.GetSingle())];
            float[] point = [.. item.GetProperty("point_2d").EnumerateArray().Select(number => number.GetSingle())];
            objects.Add(new(new(box[0], box[1], box[2], box[3]), new(point[0], point[1])));
        }
        return objects;
    }

    private static double HasNumbers(JsonElement item, string name, int count) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
        && list.GetArrayLength() == count && list.EnumerateArray().All(number => number.ValueKind == JsonValueKind.Number) ? 1 : 0;

    private static JsonDocument? Json(string text)
    {
        if (Answer().Match(text) is not { Success: true } answer)
            return null;
        try
        {
            return JsonDocument.Parse(answer.Groups[1].Value);
        }
        catch (JsonException)
        {
            // The published code scores unreadable answers as empty ones.
            return null;
        }
    }

    [GeneratedRegex(@"\A<think>.*?</think>\s*<answer>.*?</answer>\z", RegexOptions.Singleline)]
    private static partial Regex WholeText();

    [GeneratedRegex(@"<answer>\s*(.*?)\s*</answer>", RegexOptions.Singleline)]
    private static partial Regex Answer();

    [GeneratedRegex(@"<(think|answer)>(.*?)</\1>", RegexOptions.Singleline)]
    private static partial Regex Elements();

    [GeneratedRegex(@"<look>\s*\S.*?</look>", RegexOptions.Singleline)]
    private static partial Regex Look();
}
