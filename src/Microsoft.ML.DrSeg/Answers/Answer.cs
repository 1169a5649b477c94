using System.Globalization;
using System.Text;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Answers;

/// <summary>What a policy says to a query: where it looked, and the box and point that prompt the segmenter.</summary>
/// <param name="Looks">Places looked at before answering, in pixels of the image, in order.</param>
/// <param name="Box">Box around the object, in pixels of the image, half-open.</param>
/// <param name="Point">A point on the object, in pixels of the image.</param>
public sealed record Answer(IReadOnlyList<PixelPoint> Looks, BoundingBox Box, PixelPoint Point)
{
    /// <summary>
    /// The answer as the text that Dr. Seg's language models write (arXiv 2603.00152, section 3):
    /// look spans inside <c>think</c>, then a JSON list with one box and one point, in whole pixels.
    /// </summary>
    public string ToText()
    {
        var text = new StringBuilder("<think>");
        foreach (PixelPoint look in Looks)
            text.Append(CultureInfo.InvariantCulture, $"<look>{look.X:0},{look.Y:0}</look>");
        text.Append(CultureInfo.InvariantCulture,
            $"</think><answer>[{{\"bbox_2d\":[{Box.X0:0},{Box.Y0:0},{Box.X1:0},{Box.Y1:0}],\"point_2d\":[{Point.X:0},{Point.Y:0}]}}]</answer>");
        return text.ToString();
    }
}

/// <summary>Why a sequence of tokens is not an answer. A failed answer is a value of its own, not a mask of IoU 0.</summary>
public enum AnswerFailure
{
    /// <summary>The sequence is an answer.</summary>
    None,

    /// <summary>It does not begin with a look span of two coordinates.</summary>
    MissingLook,

    /// <summary>After the looks there is no box of four coordinates.</summary>
    MalformedBox,

    /// <summary>The box's far side lies before its near side.</summary>
    ReversedBox,

    /// <summary>After the box there is no point of two coordinates.</summary>
    MalformedPoint,

    /// <summary>It goes on after the point, or did not end within the longest answer allowed.</summary>
    Unfinished,
}

/// <summary>One answer as a policy generated it, token by token.</summary>
/// <param name="Tokens">The tokens, the one that ends it included where it was reached.</param>
/// <param name="LogProbabilities">Natural logarithm of each token's probability under the policy at temperature 1.</param>
/// <param name="Ended">Whether the policy ended it; false where it was cut off at <see cref="IVisionLanguagePolicy.LongestAnswer"/>.</param>
/// <param name="Answer">The parsed answer in pixels of the image; null when <paramref name="Failure"/> is set.</param>
/// <param name="Failure">Why there is no answer.</param>
public sealed record GeneratedAnswer(int[] Tokens, float[] LogProbabilities, bool Ended, Answer? Answer, AnswerFailure Failure)
{
    /// <summary>Log-probability of the whole answer: the sum over its tokens.</summary>
    public double LogProbability => LogProbabilities.Sum(p => (double)p);

    /// <summary>The answer as text; where there is none, why.</summary>
    public string ToText() => Answer?.ToText() ?? $"no answer: {Failure switch
    {
        AnswerFailure.MissingLook => "it does not begin with a look",
        AnswerFailure.MalformedBox => "it has no whole box",
        AnswerFailure.ReversedBox => "the box's far side lies before its near side",
        AnswerFailure.MalformedPoint => "it has no whole point",
        _ => "it does not end after the point",
    }}";
}
