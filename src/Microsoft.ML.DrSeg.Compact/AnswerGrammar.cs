using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Compact;

/// <summary>
/// The token language of answers: <c>(Look x y)+ Box x0 y0 x1 y1 Point x y End</c>. Coordinates are the
/// tokens <c>0 .. Bins-1</c>: the square view of the image divided into equal bins along each axis.
/// A box covers its first and last bin whole; looks and points stand for the centre of a bin.
/// </summary>
public sealed class AnswerGrammar
{
    /// <summary>Creates the grammar.</summary>
    /// <param name="bins">Coordinate bins along each axis, at least 2.</param>
    public AnswerGrammar(int bins)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 2);
        Bins = bins;
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

    /// <summary>Longest answer in tokens: two looks, box, point and end.</summary>
    public static int MaximumLength => 15;

    /// <summary>The tokens of an answer with one look, at the centre of its box.</summary>
    /// <param name="box">Box in pixels of the image; clipped to the region.</param>
    /// <param name="point">Point in pixels of the image; clipped to the region.</param>
    /// <param name="region">The view: the part of the image that the bins divide.</param>
    public int[] Encode(BoundingBox box, PixelPoint point, BoundingBox region)
    {
        int x0 = Bin(box.X0, region.X0, region.Width), x1 = LastBin(box.X1, region.X0, region.Width, x0);
        int y0 = Bin(box.Y0, region.Y0, region.Height), y1 = LastBin(box.Y1, region.Y0, region.Height, y0);
        return
        [
            Look, (x0 + x1) / 2, (y0 + y1) / 2,
            Box, x0, y0, x1, y1,
            Point, Bin(point.X, region.X0, region.Width), Bin(point.Y, region.Y0, region.Height),
            End,
        ];
    }

    /// <summary>Reads tokens as an answer in pixels of the image.</summary>
    /// <param name="tokens">The generated tokens.</param>
    /// <param name="region">The view that the coordinates refer to.</param>
    /// <param name="answer">The answer, or null when the result is a failure.</param>
    public AnswerFailure Parse(ReadOnlySpan<int> tokens, BoundingBox region, out Answer? answer)
    {
        answer = null;
        float width = region.Width / Bins, height = region.Height / Bins;
        PixelPoint Centre(int x, int y) => new(region.X0 + (x + 0.5f) * width, region.Y0 + (y + 0.5f) * height);

        var looks = new List<PixelPoint>(1);
        int at = 0;
        while (at < tokens.Length && tokens[at] == Look)
        {
            if (!Coordinates(tokens, at + 1, 2)) return AnswerFailure.MissingLook;
            looks.Add(Centre(tokens[at + 1], tokens[at + 2]));
            at += 3;
        }
        if (looks.Count == 0) return AnswerFailure.MissingLook;

        if (at >= tokens.Length || tokens[at] != Box || !Coordinates(tokens, at + 1, 4)) return AnswerFailure.MalformedBox;
        int x0 = tokens[at + 1], y0 = tokens[at + 2], x1 = tokens[at + 3], y1 = tokens[at + 4];
        if (x1 < x0 || y1 < y0) return AnswerFailure.ReversedBox;
        at += 5;

        if (at >= tokens.Length || tokens[at] != Point || !Coordinates(tokens, at + 1, 2)) return AnswerFailure.MalformedPoint;
        PixelPoint point = Centre(tokens[at + 1], tokens[at + 2]);
        at += 3;
        if (at != tokens.Length - 1 || tokens[at] != End) return AnswerFailure.Unfinished;

        var box = new BoundingBox(
            region.X0 + x0 * width, region.Y0 + y0 * height,
            region.X0 + (x1 + 1) * width, region.Y0 + (y1 + 1) * height);
        answer = new Answer(looks, box, point);
        return AnswerFailure.None;
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
