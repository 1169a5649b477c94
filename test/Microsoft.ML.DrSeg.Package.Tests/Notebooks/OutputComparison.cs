using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.DotNet.Interactive.Documents;

namespace Microsoft.ML.DrSeg.Package.Tests.Notebooks;

/// <summary>
/// Compares what a notebook stores with what it gives now. Words must be the same. Numbers may differ a little, since another
/// processor adds in another order and training carries that on; times may differ altogether.
/// </summary>
internal static partial class OutputComparison
{
    private const string Png = "image/png";

    // In shares of 1, as which most figures of a notebook are given, or of the number.
    private const double Tolerance = 0.02;

    /// <summary>Says what is different; null where nothing is.</summary>
    public static string? Difference(IReadOnlyList<InteractiveDocumentOutputElement> stored, IReadOnlyList<InteractiveDocumentOutputElement> seen)
    {
        if (stored.Count != seen.Count)
            return $"{stored.Count} outputs are stored, {seen.Count} were seen.";
        for (int i = 0; i < stored.Count; i++)
        {
            if (Forms(stored[i]) != Forms(seen[i]))
                return $"Output {i + 1} is stored as {Forms(stored[i])}, seen as {Forms(seen[i])}.";
            IReadOnlyDictionary<string, string> texts = CellOutputs.TextsOf(seen[i]);
            // Pictures are not compared: a pixel of a curve may be another where a number may.
            foreach ((string form, string text) in CellOutputs.TextsOf(stored[i]).Where(form => form.Key != Png))
                if (!AreAlike(text, texts[form]))
                    return $"Output {i + 1} ({form}) is stored as{Environment.NewLine}{text}{Environment.NewLine}and seen as{Environment.NewLine}{texts[form]}";
        }
        return null;
    }

    /// <summary>Whether two texts are the same but for times and small differences of numbers.</summary>
    public static bool AreAlike(string stored, string seen)
    {
        (string[] storedWords, string[] seenWords) = (Split(stored), Split(seen));
        return storedWords.Length == seenWords.Length && storedWords.Zip(seenWords).All(pair => pair.First == pair.Second
            || (double.TryParse(pair.First, NumberStyles.Float, CultureInfo.InvariantCulture, out double first)
                && double.TryParse(pair.Second, NumberStyles.Float, CultureInfo.InvariantCulture, out double second)
                && Math.Abs(first - second) <= Tolerance * Math.Max(1, Math.Abs(first))));
    }

    private static string Forms(InteractiveDocumentOutputElement output) => $"{output.GetType().Name} ({string.Join(", ", CellOutputs.TextsOf(output).Keys.Order(StringComparer.Ordinal))})";

    // Numbers and what lies between them; runs of blanks are one, as the widths of columns follow their numbers.
    private static string[] Split(string text) => Number().Split(Blanks().Replace(Time().Replace(text, "(time)"), " ").Trim());

    [GeneratedRegex(@"(?<![\w.])\d+(\.\d+)?\s?(ms|s|seconds|milliseconds)\b")]
    private static partial Regex Time();

    [GeneratedRegex(@"(-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")]
    private static partial Regex Number();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
