using System.Globalization;
using Microsoft.ML.DrSeg.Qwen;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>A <see cref="QwenCheck"/> as lines of the console.</summary>
internal static class CheckReport
{
    public static void Print(QwenCheck check, QwenModelOptions options)
    {
        Line($"model       {check.Parameters:#,0} parameters, frozen");
        Line($"rows        {check.Rows} looked at, {check.Objects} true objects");
        Line($"prompts     {Tokens(check.PromptTokens)}, of {options.LongestPrompt} allowed; images {Tokens(check.ImageTokens)}");
        Line($"answers     {Tokens(check.AnswerTokens)} for the truth without any thinking, of {options.LongestAnswer} allowed");
        Line($"truth       comes back with box IoU {check.MeanBoxIoU:0.000} in the mean, {check.LeastBoxIoU:0.000} at least; {check.PointsOnObjects:0.0%} of the points lie on their objects");
        foreach (TrainedPart part in check.Trained)
            Line($"trained     {part.Name}: {part.Parameters:#,0} parameters{(part.Modules.Count > 0 ? $" beside {string.Join(", ", part.Modules)}" : "")}");
        Line($"memory      {Gigabytes(check.MemoryBytes)} for a step with the longest prompt and answers of {options.LongestAnswer} tokens");
        foreach (MemoryStage stage in check.Memory)
            Line($"  {Gigabytes(stage.Bytes),9}  {stage.Name,-52} {string.Join(", ", stage.Knobs.Select(Knob))}".TrimEnd());
        Line($"problems    {check.FailedRows}");
        foreach (string problem in check.Problems)
            Line($"  {problem}");
        if (check.FailedRows > check.Problems.Count)
            Line($"  and {check.FailedRows - check.Problems.Count} more");
    }

    /// <summary>Compares the estimate with a GPU's memory.</summary>
    /// <returns>What to do where it is not enough; null where it is.</returns>
    public static string? PrintDevice(QwenCheck check, double bytes)
    {
        bool isEnough = check.MemoryBytes <= bytes;
        Line($"GPU         {Gigabytes(bytes)}: {(isEnough ? "enough" : "not enough")}");
        return isEnough ? null : string.Create(CultureInfo.InvariantCulture,
            $"A step needs about {Gigabytes(check.MemoryBytes)}, the GPU has {Gigabytes(bytes)}: lower {string.Join(", ", check.Memory.OrderByDescending(stage => stage.Bytes).SelectMany(stage => stage.Knobs).Select(Knob).Distinct())}.");
    }

    // An option's name has no blank.
    private static string Knob(string name) => name.Contains(' ') ? name : OptionNames.OnCommandLine(name);

    private static string Tokens(TokenCounts counts) => string.Create(CultureInfo.InvariantCulture, $"{counts.Mean:0.0} tokens in the mean, {counts.Longest} at most");

    private static string Gigabytes(double bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.00} GB");

    private static void Line(FormattableString text) => Line(text.ToString(CultureInfo.InvariantCulture));

    private static void Line(string text) => Console.WriteLine(text);
}
