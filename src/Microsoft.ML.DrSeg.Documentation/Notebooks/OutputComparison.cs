using System.Globalization;
using System.Text.RegularExpressions;

namespace Microsoft.ML.DrSeg.Documentation.Notebooks;

/// <summary>
/// Compares what a notebook stores with what it gives now. Words must be the same. Numbers may differ a little, since another
/// processor adds in another order and training carries that on; times may differ altogether.
/// </summary>
internal static partial class OutputComparison
{
    // In shares of 1, as which most figures of a notebook are given, or of the number.
    private const double Tolerance = 0.02;

    /// <summary>Says what is different; null where nothing is.</summary>
    public static string? Difference(IReadOnlyList<CellOutput> stored, IReadOnlyList<CellOutput> seen)
    {
        if (stored.Count != seen.Count)
            return $"{stored.Count} outputs are stored, {seen.Count} were seen.";
        for (int i = 0; i < stored.Count; i++)
        {
            if (stored[i].Kind != seen[i].Kind || !stored[i].Data.Keys.Order(StringComparer.Ordinal).SequenceEqual(seen[i].Data.Keys.Order(StringComparer.Ordinal)))
                return $"Output {i + 1} is stored as {Forms(stored[i])}, seen as {Forms(seen[i])}.";
            // Pictures are not compared: a pixel of a curve may be another where a number may.
            foreach ((string form, string text) in stored[i].Data.Where(form => form.Key != CellOutput.Png))
                if (!AreAlike(text, seen[i].Data[form]))
                    return $"Output {i + 1} ({form}) is stored as{Environment.NewLine}{text}{Environment.NewLine}and seen as{Environment.NewLine}{seen[i].Data[form]}";
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

    private static string Forms(CellOutput output) => $"{output.Kind} ({string.Join(", ", output.Data.Keys.Order(StringComparer.Ordinal))})";

    // Numbers and what lies between them; runs of blanks are one, as the widths of columns follow their numbers.
    private static string[] Split(string text) => Number().Split(Blanks().Replace(Time().Replace(text, "(time)"), " ").Trim());

    [GeneratedRegex(@"(?<![\w.])\d+(\.\d+)?\s?(ms|s|seconds|milliseconds)\b")]
    private static partial Regex Time();

    [GeneratedRegex(@"(-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")]
    private static partial Regex Number();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
