using System.Globalization;
using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Compact;

/// <summary>
/// The token language of answers, a list of objects: <c>(Look x y)+ (Box x0 y0 x1 y1 Point x y)+ End</c>. A language of more
/// than one object has <c>End</c> alone too, "there is nothing like that here": said by the first token, so that a greedy answer
/// weighs it against all places to look at together and not against the likeliest one. Coordinates are the tokens
/// <c>0 .. Bins-1</c>: the square view of the image divided into equal bins along each axis.
/// A box covers its first and last bin whole; looks and points stand for the centre of a bin.
/// </summary>
internal sealed class AnswerGrammar
{
    // An answer of one look ends well before the longest: the rest is room for one more.
    private const int MostLooks = 2;

    /// <summary>Tokens of a look, and of an object.</summary>
    internal const int LookTokens = 3, ObjectTokens = 8;

    private static readonly FailedAnswer NoLook = new(FailedAnswerReason.MissingLook, "it does not begin with a look");
    private static readonly FailedAnswer NoBox = new(FailedAnswerReason.MissingBox, "it has no whole box");
    private static readonly FailedAnswer InvertedBox = new(FailedAnswerReason.InvertedBox, "the box's far side lies before its near side");
    private static readonly FailedAnswer NoPoint = new(FailedAnswerReason.MissingPoint, "it has no whole point");
    private static readonly FailedAnswer Unfinished = new(FailedAnswerReason.Unfinished, "it does not end after the point");

    /// <summary>Creates the grammar.</summary>
    /// <param name="bins">Coordinate bins along each axis, at least 2.</param>
    /// <param name="mostObjects">Objects of the longest answer, at least 1.</param>
    public AnswerGrammar(int bins, int mostObjects = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(mostObjects, 1);
        Bins = bins;
        MostObjects = mostObjects;
    }

    /// <summary>Coordinate bins along each axis of the view.</summary>
    public int Bins { get; }

    /// <summary>Opens a look span.</summary>
    public int Look => Bins;

    /// <summary>Opens the box.</summary>
    public int Box => Bins + 1;

    /// <summary>Opens the point.</summary>
    public int Point => Bins + 2;

    /// <summary>Closes the answer.</summary>
    public int End => Bins + 3;

    /// <summary>What the policy reads before its first token; never generated.</summary>
    public int Start => Bins + 4;

    /// <summary>Number of tokens, <see cref="Start"/> included.</summary>
    public int VocabularySize => Bins + 5;

    /// <summary>Objects of the longest answer.</summary>
    public int MostObjects { get; }

    /// <summary>Whether <see cref="End"/> alone is an answer, "there is nothing like that here".</summary>
    public bool SaysNothing => MostObjects > 1;

    /// <summary>Longest answer in tokens: two looks, the objects and the end.</summary>
    public int LongestAnswer => MostLooks * LookTokens + MostObjects * ObjectTokens + 1;

    /// <summary>
    /// The tokens of an answer: one look at the centre of the box around all its objects, then these; of none, the end alone.
    /// </summary>
    /// <param name="objects">The objects in the order in which they are said; their coordinates, in pixels of the image, are clipped to the region.</param>
    /// <param name="region">The view: the part of the image that the bins divide.</param>
    /// <exception cref="ArgumentException">The language has no answer of so many objects.</exception>
    public int[] Encode(IReadOnlyList<SegmentedObject> objects, BoundingBox region)
    {
        ArgumentNullException.ThrowIfNull(objects);
        if (objects.Count > MostObjects || (objects.Count == 0 && !SaysNothing))
            throw new ArgumentException($"An answer of this language has {(MostObjects == 1 ? "exactly 1 object" : $"0 to {MostObjects} objects")}, not {objects.Count}. Make the policy for more: {nameof(CompactPolicyShape)}.{nameof(CompactPolicyShape.MostObjects)}.", nameof(objects));
        if (objects.Count == 0) return [End];
        var said = new List<int>(LongestAnswer);
        int left = Bins, top = Bins, right = -1, bottom = -1;
        foreach (SegmentedObject one in objects)
        {
            int x0 = Bin(one.Box.X0, region.X0, region.Width), x1 = LastBin(one.Box.X1, region.X0, region.Width, x0);
            int y0 = Bin(one.Box.Y0, region.Y0, region.Height), y1 = LastBin(one.Box.Y1, region.Y0, region.Height, y0);
            said.AddRange([Box, x0, y0, x1, y1, Point, Bin(one.Point.X, region.X0, region.Width), Bin(one.Point.Y, region.Y0, region.Height)]);
            (left, top, right, bottom) = (Math.Min(left, x0), Math.Min(top, y0), Math.Max(right, x1), Math.Max(bottom, y1));
        }
        return [Look, (left + right) / 2, (top + bottom) / 2, .. said, End];
    }

    /// <summary>Reads tokens as an answer in pixels of the image.</summary>
    /// <param name="tokens">The generated tokens.</param>
    /// <param name="region">The view that the coordinates refer to.</param>
    /// <returns>A <see cref="TextAnswer"/>, its objects without masks, or a <see cref="FailedAnswer"/> with the first rule that is broken.</returns>
    public ParsedAnswer Parse(ReadOnlySpan<int> tokens, BoundingBox region)
    {
        float width = region.Width / Bins, height = region.Height / Bins;
        PixelPoint Centre(int x, int y) => new(region.X0 + (x + 0.5f) * width, region.Y0 + (y + 0.5f) * height);

        if (SaysNothing && tokens is [int only] && only == End) return new TextAnswer([], "", []);
        var looks = new List<string>(1);
        int at = 0;
        while (at < tokens.Length && tokens[at] == Look)
        {
            if (!Coordinates(tokens, at + 1, 2)) return NoLook;
            PixelPoint look = Centre(tokens[at + 1], tokens[at + 2]);
            looks.Add(string.Create(CultureInfo.InvariantCulture, $"{look.X:0},{look.Y:0}"));
            at += LookTokens;
        }
        if (looks.Count == 0) return NoLook;

        var objects = new List<SegmentedObject>(1);
        while (objects.Count == 0 || (objects.Count < MostObjects && at < tokens.Length && tokens[at] == Box))
        {
            if (at >= tokens.Length || tokens[at] != Box || !Coordinates(tokens, at + 1, 4)) return NoBox;
            int x0 = tokens[at + 1], y0 = tokens[at + 2], x1 = tokens[at + 3], y1 = tokens[at + 4];
            if (x1 < x0 || y1 < y0) return InvertedBox;
            at += 5;

            if (at >= tokens.Length || tokens[at] != Point || !Coordinates(tokens, at + 1, 2)) return NoPoint;
            var box = new BoundingBox(
                region.X0 + x0 * width, region.Y0 + y0 * height,
                region.X0 + (x1 + 1) * width, region.Y0 + (y1 + 1) * height);
            objects.Add(new SegmentedObject(box, Centre(tokens[at + 1], tokens[at + 2])));
            at += 3;
        }
        if (at != tokens.Length - 1 || tokens[at] != End) return Unfinished;
        return new TextAnswer(objects, string.Concat(looks.Select(look => $"<look>{look}</look>")), looks);
    }

    private bool Coordinates(ReadOnlySpan<int> tokens, int from, int count)
    {
        if (from + count > tokens.Length) return false;
        foreach (int token in tokens.Slice(from, count))
            if ((uint)token >= (uint)Bins) return false;
        return true;
    }

    private int Bin(float value, float origin, float extent) =>
        Math.Clamp((int)MathF.Floor((value - origin) / extent * Bins), 0, Bins - 1);

    // The half-open end of a box lies in the bin just before it.
    private int LastBin(float value, float origin, float extent, int first) =>
        Math.Clamp((int)MathF.Ceiling((value - origin) / extent * Bins) - 1, first, Bins - 1);
}
