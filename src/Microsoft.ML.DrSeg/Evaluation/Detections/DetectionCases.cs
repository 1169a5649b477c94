using System.Globalization;

namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>The cases that a detection is judged in: area ranges times IoU thresholds, at most 64.</summary>
internal sealed class DetectionCases
{
    private const double SmallSide = 32, MediumSide = 96;

    // What bits of an outcome can hold.
    private const int Most = 64;

    public const string All = "all", Small = "small", Medium = "medium", Large = "large";

    private DetectionCases(IReadOnlyList<double> thresholds, IEnumerable<(string Name, double Low, double High)> ranges) =>
        (Thresholds, Ranges) = ([.. thresholds], [(All, 0, double.PositiveInfinity), .. ranges]);

    /// <summary>
    /// COCO's and LVIS' are IoU .50:.05:.95 in all sizes, small, medium and large, both ends of a range inside (so that 32 x 32
    /// pixels are small and medium). The thresholds are rounded as the tools round them.
    /// </summary>
    public static DetectionCases Of(DetectionSettings settings) => settings.Protocol is DetectionProtocol.Coco or DetectionProtocol.Lvis
        ? new(
            settings.Thresholds ?? [.. Enumerable.Range(0, 10).Select(i => .5 + i * ((.95 - .5) / 9))],
            settings.AreaRanges ?? [(Small, 0, SmallSide * SmallSide), (Medium, SmallSide * SmallSide, MediumSide * MediumSide), (Large, MediumSide * MediumSide, 1e10)])
        : new([.5], []);

    public double[] Thresholds { get; }

    public (string Name, double Low, double High)[] Ranges { get; }

    public int Count => Ranges.Length * Thresholds.Length;

    public int Of(int range, int threshold) => range * Thresholds.Length + threshold;

    public bool IsInside(int range, double area) => area >= Ranges[range].Low && area <= Ranges[range].High;

    /// <summary>The place of an IoU threshold; -1 where it is none of them.</summary>
    public int ThresholdAt(double value) => Array.FindIndex(Thresholds, threshold => Math.Abs(threshold - value) < 1e-6);

    /// <summary>The place of an area range; -1 where it is none of them.</summary>
    public int RangeOf(string name) => Array.FindIndex(Ranges, range => range.Name == name);

    public void Check()
    {
        if (Thresholds.Length == 0 || !Thresholds.All(value => value is > 0 and <= 1))
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"IoU thresholds must be above 0 and at most 1, and there must be one; these are {string.Join(", ", Thresholds)}."), nameof(DetectionSettings.Thresholds));
        foreach (var (name, low, high) in Ranges)
            if (string.IsNullOrEmpty(name) || !(low >= 0 && low <= high) || Ranges.Count(range => range.Name == name) > 1)
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The area range '{name}' is {low} to {high}; ranges have a name of their own other than '{All}', and run from 0 or more to no less than that."), nameof(DetectionSettings.AreaRanges));
        if (Count > Most)
            throw new ArgumentException($"{Thresholds.Length} IoU thresholds in {Ranges.Length} area ranges ('{All}' is one) make {Count} cases; at most {Most} can be judged at once. Evaluate twice.", nameof(DetectionSettings.Thresholds));
    }
}
