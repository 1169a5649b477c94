using System.Text.RegularExpressions;
using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Rewards;
using Microsoft.ML.DrSeg.Training;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// How a model is asked and what its answers mean: what it is told, what size images are shown at, what its coordinates count and how
/// its text is read. One value for training and prediction, so that no two of them can disagree.
/// </summary>
public sealed partial record QwenRecipe
{
    private const string QueryPlace = "{query}", ExamplePlace = "{example}";

    // Two objects such as an answer may hold, in thousandths of whatever frame is asked for.
    private static readonly SegmentedObject[] Example =
    [
        new(new BoundingBox(62, 140, 398, 745), new PixelPoint(231, 410)),
        new(new BoundingBox(455, 218, 807, 690), new PixelPoint(602, 431)),
    ];

    private static readonly ImageSize Thousand = new(1000, 1000);

    /// <summary>
    /// The paper's setting (arXiv 2603.00152; eVI-group-SCU/Dr-Seg): images stretched to 840 x 840, coordinates in its pixels, queries
    /// in lower case, the strict reader. The template asks for the same as the published one, in the same order and in other words; to run published
    /// checkpoints, give their own as <see cref="Template"/>. For Qwen2-VL and Qwen2.5-VL.
    /// </summary>
    public static QwenRecipe DrSeg { get; } = new()
    {
        Template = Asking("in pixels of the picture"),
        Sizing = new FixedSizing(new(840, 840), ResamplingFilter.Bilinear),
        Frame = CoordinateFrame.ResizedPixels,
        PlainQueries = true,
    };

    /// <summary>
    /// The paper's training, which <see cref="DrSeg"/> and <see cref="DrSegReward"/> belong to: 500 steps of 16 queries with 8 answers each, one
    /// update a step, clip .2, divergence .01, entropy .001. The learning rate is constant and ten times the paper's 1e-6, which trains
    /// all weights where this trains an adapter.
    /// </summary>
    public static GrpoOptions DrSegTraining => new()
    {
        Steps = 500,
        Sampling = new() { QueriesPerStep = 16, GroupSize = 8 },
        Objective = new() { DivergenceWeight = 0.01, EntropyWeight = 0.001 },
        Optimizer = new() { LearningRate = 1e-5, LearningRateShape = LearningRateShape.Constant, WarmUpShare = 0 },
    };

    /// <summary>
    /// The paper's reward: boxes, count and points, and what the text is like, by the paper's weights (3 for the form of thinking, boxes and
    /// points), each as its quantile in a window of 2,048 values. It does not look at masks.
    /// </summary>
    public static DistributionRankedRewardSettings DrSegReward { get; } = new()
    {
        Mode = RankedRewardMode.ReferenceWindow,
        Components =
        [
            new(RewardComponent.BoxIoU), new(RewardComponent.CountScore), new(RewardComponent.PointScore),
            new(RewardComponent.Format, 3), new(RewardComponent.LookSpan), new(RewardComponent.NonRepetition),
        ],
    };

    /// <summary>Qwen2.5-VL's own frame: images keep their aspect, coordinates are pixels of the resized image.</summary>
    public static QwenRecipe ResizedPixels { get; } = new() { Template = Asking("in pixels of the picture"), Frame = CoordinateFrame.ResizedPixels };

    /// <summary>The frame of Qwen2-VL and Qwen3-VL: images keep their aspect, coordinates are thousandths of it.</summary>
    public static QwenRecipe Thousandths { get; } = new()
    {
        Template = Asking("in thousandths of the picture's width and height, from 0 to 1000"),
        Frame = CoordinateFrame.Thousandths,
    };

    /// <summary>
    /// What follows the image in the user's turn. <c>{query}</c> stands for the query, <c>{example}</c>, which may be left out, for
    /// a list of two objects as an answer would give them.
    /// </summary>
    /// <exception cref="ArgumentException">It lacks <c>{query}</c>, or is no text.</exception>
    public required string Template
    {
        get;
        init => field = !value.Contains(QueryPlace, StringComparison.Ordinal)
            ? throw new ArgumentException($"The template has no {QueryPlace} for what is asked for.", nameof(value))
            : QwenTokenizer.Problem(value) is { } problem ? throw new ArgumentException(problem, nameof(value))
            : value;
    }

    /// <summary>What size images are shown at.</summary>
    public ImageSizing Sizing { get; init; } = new SmartSizing();

    /// <summary>What coordinates in answers count.</summary>
    public required CoordinateFrame Frame { get; init; }

    /// <summary>How answers are read; strict for training, tolerant for prediction with models that were not trained to this form.</summary>
    public AnswerReading Reading { get; init; } = AnswerReading.Strict;

    /// <summary>Whether queries are put in lower case, without sentence marks and quotes at their ends, as the paper's data have them.</summary>
    public bool PlainQueries { get; init; }

    /// <summary>A family's own frame.</summary>
    internal static QwenRecipe Of(QwenFamily family) => family == QwenFamily.Qwen25 ? ResizedPixels : Thousandths;

    /// <summary>Where coordinates lie for an image.</summary>
    /// <exception cref="ArgumentException">Such an image, or the recipe's size, does not suit the model.</exception>
    internal AnswerFrame FrameOf(ImageSize original, ImageProcessing processing)
    {
        ImageSize resized = Sizing.Of(original, processing);
        return new(original, Frame == CoordinateFrame.Thousandths ? Thousand : resized);
    }

    /// <summary>What is wrong with a query, for whoever gave it; null where it can be asked.</summary>
    internal string? Problem(string query) => QwenTokenizer.Problem(query) ?? (Asked(query).Length == 0 ? "The query is blank." : null);

    /// <summary>The template about one query. Nothing in the query can be taken for a part of the template or a special token.</summary>
    internal IReadOnlyList<TextPart> Question(string query, AnswerFrame frame) =>
        [.. Places().Split(Template).Where(part => part.Length > 0).Select(part => part switch
        {
            QueryPlace => new TextPart(Asked(query), Trusted: false),
            ExamplePlace => new TextPart(List(Example.Select(new AnswerFrame(Thousand, frame.Model).ToModel)), Trusted: true),
            _ => new TextPart(part, Trusted: true),
        })];

    /// <summary>Reads an answer.</summary>
    /// <returns>What it says, in pixels of the original image.</returns>
    internal ParsedAnswer Read(string text, AnswerFrame frame)
    {
        ParsedAnswer read = ReadInFrame(text, frame);
        return read is TextAnswer answer ? answer with { Objects = [.. answer.Objects.Select(frame.ToOriginal)] } : read;
    }

    /// <summary>Reads an answer and leaves its coordinates as they are.</summary>
    internal ParsedAnswer ReadInFrame(string text, AnswerFrame frame) => FrameSuspicion.Checked(Reading == AnswerReading.Tolerant
        ? TolerantAnswerReader.Parse(text, frame.Model)
        : AnswerParser.Parse(text, frame.Model.Width, frame.Model.Height));

    /// <summary>The answer that says given objects, such as the truth.</summary>
    /// <param name="objects">In pixels of the original image.</param>
    /// <param name="frame">Where coordinates lie.</param>
    /// <param name="thinking">What stands between the think tags, look spans included.</param>
    internal static string Write(IEnumerable<SegmentedObject> objects, AnswerFrame frame, string thinking) =>
        new TextAnswer([.. objects.Select(frame.ToModel)], thinking, []).ToText();

    private static string Asking(string frame) => $"""

        Find everything in the picture that "{QueryPlace}" speaks of, and give a box and a point for each object. Compare the objects that might be meant, and keep the ones that match best. First think, between <think> and </think>. Whenever the thinking turns to something that can be seen, put those words between <look> and </look>; do so once or more. Then answer between <answer> and </answer>: boxes and points as JSON, {frame}, an empty list where nothing matches. The whole has the form
        <think>.. <look>..</look> ..</think><answer>{ExamplePlace}</answer>
        """.ReplaceLineEndings("\n");

    private static string List(IEnumerable<SegmentedObject> objects)
    {
        string text = new TextAnswer([.. objects], "", []).ToText();
        int start = text.IndexOf('['), end = text.LastIndexOf(']');
        return text[start..(end + 1)];
    }

    private string Asked(string query) => PlainQueries ? query.Trim().Trim(" \t\r\n.\"?!".ToCharArray()).ToLowerInvariant() : query.Trim();

    [GeneratedRegex(@"(\{query\}|\{example\})")]
    private static partial Regex Places();
}
