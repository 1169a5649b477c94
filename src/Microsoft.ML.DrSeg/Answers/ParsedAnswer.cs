
namespace Microsoft.ML.DrSeg.Answers;

/// <summary>What <see cref="AnswerParser"/> makes of a text: a <see cref="TextAnswer"/> or a <see cref="FailedAnswer"/>.</summary>
public abstract record ParsedAnswer
{
    private protected ParsedAnswer()
    {
    }
}

/// <summary>A text that holds to the grammar.</summary>
/// <param name="Objects">The answered objects inside the image, without masks; empty where the answer is "there is nothing".</param>
/// <param name="Thinking">The text between <c>&lt;think&gt;</c> and <c>&lt;/think&gt;</c>, look spans included.</param>
/// <param name="LookSpans">How many look spans are not blank.</param>
public sealed record TextAnswer(SegmentedObject[] Objects, string Thinking, int LookSpans) : ParsedAnswer;

/// <summary>A text that does not hold to the grammar: a value of its own, neither an exception nor an answer that scores 0.</summary>
/// <param name="Reason">Which rule it breaks first.</param>
/// <param name="Detail">The rule and where it is broken, for a log or a table.</param>
public sealed record FailedAnswer(FailedAnswerReason Reason, string Detail) : ParsedAnswer;

/// <summary>Why a text is not an answer.</summary>
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
}

/// <summary>From which size on an answer is over-long. Nothing is ever cut: an over-long answer is a failed one.</summary>
/// <param name="Objects">The most objects, at least 0; the published reward cuts after as many.</param>
/// <param name="Characters">The most UTF-16 characters, at least 0. It bounds the time that any text can take.</param>
public sealed record AnswerLimits(int Objects = 120, int Characters = 100_000);
