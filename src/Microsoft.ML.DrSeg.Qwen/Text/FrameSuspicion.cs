using Microsoft.ML.DrSeg.Answers;
using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>Notices coordinates that seem to be meant as shares of the image.</summary>
internal static class FrameSuspicion
{
    // One small object in the upper left corner can be meant; that many cannot.
    private const int Enough = 8;

    /// <summary>Looks at answers as they were read, before their coordinates are mapped to the original image.</summary>
    /// <returns>What is suspicious and what to do; null where nothing is.</returns>
    public static string? Of(IEnumerable<TextAnswer> answers) => Shares(answers.Select(answer => answer.Objects.Select(one => one.Box))) is { } count
        ? $"All boxes of {count} answers lie between 0 and 1: the model answers in shares of the image, not in the recipe's frame. Ask for the frame in the template, or warm the model up."
        : null;

    /// <summary>Looks at the true boxes of rows, as they are annotated.</summary>
    /// <returns>As <see cref="Of"/>.</returns>
    public static string? OfTruth(IEnumerable<IEnumerable<BoundingBox>> rows) => Shares(rows) is { } count
        ? $"All boxes of {count} rows lie between 0 and 1: the data give shares of the image, where pixels are needed. Multiply them by the image's width and height."
        : null;

    // How many have boxes, where all of them are such.
    private static int? Shares(IEnumerable<IEnumerable<BoundingBox>> rows)
    {
        int count = 0;
        foreach (IEnumerable<BoundingBox> boxes in rows)
        {
            BoundingBox[] all = [.. boxes];
            if (Array.Exists(all, box => box.X1 > 1 || box.Y1 > 1)) return null;
            if (all.Length > 0) count++;
        }
        return count < Enough ? null : count;
    }
}
