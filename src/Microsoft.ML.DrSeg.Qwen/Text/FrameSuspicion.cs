using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>Notices coordinates that seem to be meant as shares of the image.</summary>
internal static class FrameSuspicion
{
    // One small object in the upper left corner can be meant; that many cannot.
    private const int Enough = 8;

    /// <summary>An answer as it was read, before its coordinates are mapped to the original image; a failed one where all its boxes are such, which no box in pixels or thousandths is.</summary>
    public static ParsedAnswer Checked(ParsedAnswer read) => read is TextAnswer { Objects: { Count: > 0 } objects }
        && objects.All(one => one.Box is { X1: <= 1, Y1: <= 1 }) && objects.Any(one => one.Box is var box && !(float.IsInteger(box.X0) && float.IsInteger(box.Y0) && float.IsInteger(box.X1) && float.IsInteger(box.Y1)))
        ? new FailedAnswer(FailedAnswerReason.WrongFrame, "All its boxes lie between 0 and 1, as shares of the image do: ask for the recipe's frame in the template, or warm the model up.")
        : read;

    /// <summary>Looks at the true boxes of rows, as they are annotated.</summary>
    /// <returns>What is suspicious and what to do; null where nothing is.</returns>
    public static string? OfTruth(IEnumerable<IEnumerable<BoundingBox>> rows)
    {
        int count = 0;
        foreach (IEnumerable<BoundingBox> boxes in rows)
        {
            BoundingBox[] all = [.. boxes];
            if (Array.Exists(all, box => box.X1 > 1 || box.Y1 > 1)) return null;
            if (all.Length > 0) count++;
        }
        return count < Enough ? null
            : $"All boxes of {count} rows lie between 0 and 1: the data give shares of the image, where pixels are needed. Multiply them by the image's width and height.";
    }
}
