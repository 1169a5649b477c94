using System.Globalization;
using System.Text;

namespace Microsoft.ML.DrSeg.Answers;

/// <summary>
/// What an answer says: a <see cref="TextAnswer"/>, or a <see cref="FailedAnswer"/> where it cannot be read. The same for a
/// policy that writes text, which <see cref="AnswerParser"/> reads, and for one whose tokens stand for such a text.
/// </summary>
public abstract record ParsedAnswer
{
    private protected ParsedAnswer()
    {
    }
}

/// <summary>An answer that holds to the grammar.</summary>
/// <param name="Objects">The answered objects, without masks until they are segmented; empty where the answer is "there is nothing like that here".</param>
/// <param name="Thinking">The text between <c>&lt;think&gt;</c> and <c>&lt;/think&gt;</c>, look spans included.</param>
/// <param name="Looks">What the look spans hold, in order, blank ones left out: of the compact policy places such as <c>12,34</c>, in whole pixels of the image.</param>
public sealed record TextAnswer(IReadOnlyList<SegmentedObject> Objects, string Thinking, IReadOnlyList<string> Looks) : ParsedAnswer
{
    /// <summary>
    /// The answer as the text that Dr. Seg's language models write (arXiv 2603.00152, section 3): the thinking, then a JSON
    /// list with a box and a point for each object, in whole pixels.
    /// </summary>
    public string ToText()
    {
        var text = new StringBuilder($"<think>{Thinking}</think><answer>[");
        for (var i = 0; i < Objects.Count; i++)
        {
            var (box, point, _) = Objects[i];
            text.Append(i == 0 ? "" : ",").Append(CultureInfo.InvariantCulture,
                $"{{\"bbox_2d\":[{box.X0:0},{box.Y0:0},{box.X1:0},{box.Y1:0}],\"point_2d\":[{point.X:0},{point.Y:0}]}}");
        }
        return text.Append("]</answer>").ToString();
    }
}

/// <summary>An answer that does not hold to the grammar: a value of its own, neither an exception nor an answer that scores 0.</summary>
/// <param name="Reason">Which rule it breaks first.</param>
/// <param name="Detail">The rule and where it is broken, for a log or a table.</param>
public sealed record FailedAnswer(FailedAnswerReason Reason, string Detail) : ParsedAnswer;

/// <summary>Why something is not an answer.</summary>
public enum FailedAnswerReason
{
    /// <summary>It is not Unicode: a surrogate stands alone.</summary>
    InvalidText,

    /// <summary>It has more characters or more objects than <see cref="AnswerLimits"/> allow.</summary>
    OverLong,

    /// <summary>It does not begin with one closed <c>think</c> element.</summary>
    MalformedThink,

    /// <summary>A look span is not closed, or lies in another.</summary>
    MalformedLook,

    /// <summary>No closed <c>answer</c> element follows the <c>think</c> element, or something follows it.</summary>
    MalformedAnswer,

    /// <summary>The answer is not JSON.</summary>
    MalformedJson,

    /// <summary>The answer is JSON, but not a list of objects with one <c>bbox_2d</c> of four and one <c>point_2d</c> of two numbers.</summary>
    UnexpectedJson,

    /// <summary>A number is too large to be held.</summary>
    NumberNotFinite,

    /// <summary>A box's far side does not lie beyond its near side.</summary>
    InvertedBox,

    /// <summary>Nothing of a box lies inside the image.</summary>
    BoxOutsideImage,

    /// <summary>Its coordinates seem to count something else than they should, such as shares of the image instead of pixels.</summary>
    WrongFrame,

    /// <summary>It does not begin with a look span of two coordinates, as the compact policy's answers do.</summary>
    MissingLook,

    /// <summary>A box of four coordinates is missing.</summary>
    MissingBox,

    /// <summary>After a box there is no point of two coordinates.</summary>
    MissingPoint,

    /// <summary>It goes on after its last point, or did not end within the longest answer allowed.</summary>
    Unfinished,
}

/// <summary>From which size on an answer is over-long. Nothing is ever cut: an over-long answer is a failed one.</summary>
/// <param name="Objects">The most objects, at least 0; the published reward cuts after as many.</param>
/// <param name="Characters">The most UTF-16 characters, at least 0. It bounds the time that any text can take.</param>
public sealed record AnswerLimits(int Objects = 120, int Characters = 100_000);
