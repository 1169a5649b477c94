using System.Globalization;

namespace Microsoft.ML.DrSeg.Tests.OwnModel;

/// <summary>
/// The pieces of text that <see cref="TextPolicy"/> writes answers with, its tokens. Objects are quarters of what it is shown, in
/// coordinates of a frame of <see cref="FrameSide"/> x <see cref="FrameSide"/>; a list is written comma by comma, so that a piece
/// at the wrong place is no JSON.
/// </summary>
internal static class AnswerPieces
{
    public const int Quarters = 4, FrameSide = 100;

    /// <summary>What is read before the first piece; never written.</summary>
    public const int Start = FollowingObject + Quarters + 1;

    public const int End = Start - 1;

    /// <summary>Pieces that can be written.</summary>
    public const int Count = Start;

    private const int Think = 0, Look = 1, Plain = 2, Answer = 3, FirstObject = 4, FollowingObject = FirstObject + Quarters;

    private static readonly string[] Texts =
    [
        "<think>Thing by thing, ", "<look>every quarter</look>", "at a glance.", "</think><answer>[",
        .. Enumerable.Range(0, Quarters).Select(Json), .. Enumerable.Range(0, Quarters).Select(quarter => "," + Json(quarter)), "]</answer>",
    ];

    /// <summary>The quarter that a piece names, from the upper left in reading order; null for the other pieces.</summary>
    public static int? Quarter(int piece) => piece is >= FirstObject and < End ? (piece - FirstObject) % Quarters : null;

    public static string Text(IEnumerable<int> pieces) => string.Concat(pieces.Select(piece => Texts[piece]));

    /// <summary>Whether an answer may go on so.</summary>
    public static bool MayFollow(int before, int piece) => before switch
    {
        Start => piece == Think,
        Think => piece is Look or Plain,
        Look or Plain => piece == Answer,
        Answer => piece is >= FirstObject and < FollowingObject or End,
        _ => piece >= FollowingObject,
    };

    private static string Json(int quarter)
    {
        int half = FrameSide / 2, x = quarter % 2 * half, y = quarter / 2 * half;
        return string.Create(CultureInfo.InvariantCulture, $"{{\"bbox_2d\":[{x},{y},{x + half},{y + half}],\"point_2d\":[{x + half / 2},{y + half / 2}]}}");
    }
}
