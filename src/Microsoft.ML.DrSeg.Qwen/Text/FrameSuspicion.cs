using Microsoft.ML.DrSeg.Answers;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>Notices answers whose coordinates seem to be meant as shares of the image.</summary>
internal static class FrameSuspicion
{
    // One small object in the upper left corner can be meant; that many answers cannot.
    private const int EnoughAnswers = 8;

    /// <summary>Looks at answers as they were read, before their coordinates are mapped to the original image.</summary>
    /// <returns>What is suspicious and what to do; null where nothing is.</returns>
    public static string? Of(IEnumerable<TextAnswer> answers)
    {
        int count = 0;
        foreach (TextAnswer answer in answers.Where(answer => answer.Objects.Count > 0))
        {
            if (answer.Objects.Any(one => one.Box.X1 > 1 || one.Box.Y1 > 1))
                return null;
            count++;
        }
        return count < EnoughAnswers ? null
            : $"All boxes of {count} answers lie between 0 and 1: the model answers in shares of the image, not in the recipe's frame. Ask for the frame in the template, or warm the model up.";
    }
}
