using System.Globalization;
using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>What was found out about a row.</summary>
internal sealed record RowCheck
{
    /// <summary>What keeps it from being trained on; null where nothing does.</summary>
    public string? Problem { get; init; }

    public int PromptTokens { get; init; }

    public int ImageTokens { get; init; }

    public int AnswerTokens { get; init; }

    /// <summary>Where its coordinates lie.</summary>
    public AnswerFrame Frame { get; init; }

    /// <summary>The objects in the text's own coordinates, as they are read.</summary>
    public IReadOnlyList<SegmentedObject> InText { get; init; } = [];

    /// <summary>IoU of every true box with what came back.</summary>
    public IReadOnlyList<double> BoxIoUs { get; init; } = [];

    /// <summary>Whether each point that came back lies on its object; of objects with masks.</summary>
    public IReadOnlyList<bool> PointsOnObject { get; init; } = [];
}

/// <summary>Sends a row's truth the way that answers go: into the recipe's text, into tokens, back into text, through the strict reader and into the image's pixels, where segmenter and reward take it.</summary>
internal sealed class RowChecks(QwenFolder folder, QwenPolicySettings settings)
{
    private readonly ChatPrompt _chat = new(folder.Tokenizer, folder.Shape.Family);
    private readonly QwenRecipe _recipe = settings.Recipe with { Reading = AnswerReading.Strict };

    public RowCheck Of(AnnotatedQuery row)
    {
        if (_recipe.Problem(row.Query) is { } problem) return new() { Problem = problem };
        try
        {
            ImageFiles.RequireSize(row.ImagePath, row.Mask.Width, row.Mask.Height);
            RowCheck check = Prompt(row.Query, new(row.Mask.Width, row.Mask.Height));
            return check.Problem is null ? Truth(check, row) : check;
        }
        catch (Exception error) when (error is IOException or InvalidDataException or ArgumentException)
        {
            return new() { Problem = error.Message };
        }
    }

    /// <summary>The objects that a row's answer should name.</summary>
    public static IReadOnlyList<SegmentedObject> Wanted(AnnotatedQuery row) =>
        [.. row.Objects.Where(one => one.Mask is not { Area: 0 }).Select(one => one.Mask is { } mask ? SegmentedObject.Of(mask) : new SegmentedObject(one.Box, one.Box.Center))];

    private RowCheck Prompt(string query, ImageSize size)
    {
        AnswerFrame frame = _recipe.FrameOf(size, folder.Processing);
        ImageSize shown = _recipe.Sizing.Of(size, folder.Processing);
        int image = folder.Processing.Grid(shown).Merged(folder.Shape.Vision.MergeSize).Patches;
        int prompt = _chat.Encode(image, _recipe.Question(query, frame)).Length;
        return new()
        {
            PromptTokens = prompt,
            ImageTokens = image,
            Frame = frame,
            Problem = prompt <= settings.LongestPrompt ? null
                : $"The prompt has {prompt} tokens, {image} of them its image's; {nameof(QwenModelOptions.LongestPrompt)} allows {settings.LongestPrompt}, and prompts are never cut. Raise it, or show smaller images.",
        };
    }

    private RowCheck Truth(RowCheck check, AnnotatedQuery row)
    {
        IReadOnlyList<SegmentedObject> wanted = Wanted(row);
        foreach (SegmentedObject one in wanted)
            if (!one.IsFinite || one.Box.IsEmpty || one.Box != one.Box.Clamp(row.Mask.Width, row.Mask.Height))
                return check with { Problem = $"The box {Text(one.Box)} of the truth does not lie in the image of {row.Mask.Width} x {row.Mask.Height} pixels." };
        int[] tokens = [.. folder.Tokenizer.Encode(QwenRecipe.Write(wanted, check.Frame, thinking: "")), _chat.AnswerEnd];
        check = check with { AnswerTokens = tokens.Length };
        if (tokens.Length > settings.LongestAnswer)
            return check with { Problem = $"An answer that names its {wanted.Count} objects has {tokens.Length} tokens without any thinking; {nameof(QwenModelOptions.LongestAnswer)} allows {settings.LongestAnswer}." };
        string text = folder.Tokenizer.Decode(tokens.SkipLast(1));
        return (_recipe.Read(text, check.Frame), _recipe.ReadInFrame(text, check.Frame)) switch
        {
            (FailedAnswer failed, _) => check with { Problem = $"The truth, written as an answer, is not read: {failed.Detail}" },
            (TextAnswer read, TextAnswer inText) => Compared(check with { InText = inText.Objects }, wanted, read.Objects),
            _ => throw new InvalidOperationException("An answer is read in one frame and not in the other."),
        };
    }

    private static RowCheck Compared(RowCheck check, IReadOnlyList<SegmentedObject> wanted, IReadOnlyList<SegmentedObject> read)
    {
        if (read.Count != wanted.Count)
            return check with { Problem = $"Of {wanted.Count} objects {read.Count} come back." };
        double[] overlaps = [.. read.Zip(wanted, (one, other) => one.Box.IntersectionOverUnion(other.Box))];
        int lost = Enumerable.Range(0, wanted.Count).FirstOrDefault(i => overlaps[i] < ReturnedBoxes.LeastIoU(wanted[i].Box, check.Frame), -1);
        return check with
        {
            BoxIoUs = overlaps,
            PointsOnObject = [.. read.Zip(wanted).Where(pair => pair.Second.Mask is not null).Select(pair => Lies(pair.First.Point, pair.Second.Mask!))],
            Problem = lost < 0 ? null : $"The box {Text(wanted[lost].Box)} comes back as {Text(read[lost].Box)}, which is more than rounding does.",
        };
    }

    private static bool Lies(PixelPoint point, Masks.SegmentationMask mask) =>
        mask[Math.Clamp((int)point.X, 0, mask.Width - 1), Math.Clamp((int)point.Y, 0, mask.Height - 1)];

    private static string Text(BoundingBox box) => string.Create(CultureInfo.InvariantCulture, $"[{box.X0:0.##}, {box.Y0:0.##}, {box.X1:0.##}, {box.Y1:0.##}]");
}
