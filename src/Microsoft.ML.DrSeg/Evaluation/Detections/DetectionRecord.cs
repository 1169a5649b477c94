namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>All that is kept of a detection once it is matched: 32 bytes.</summary>
/// <param name="Part">Which part of which image it stands in: an index of the accumulator.</param>
/// <param name="Position">Its place within the part.</param>
internal readonly record struct DetectionRecord(float Score, int Part, int Position, Outcome Outcome);

/// <summary>
/// What becomes of a detection in each of up to 64 <em>cases</em>: one for each pair of area range and IoU threshold. In a
/// case where it is ignored it counts neither for nor against the detector; else it is right if matched and wrong if not.
/// </summary>
internal readonly record struct Outcome(ulong Matched, ulong Ignored)
{
    public static Outcome Dropped { get; } = new(0, ulong.MaxValue);

    public bool IsIgnored(int @case) => ((Ignored >> @case) & 1) != 0;

    public bool IsMatched(int @case) => ((Matched >> @case) & 1) != 0;
}

/// <summary>The cases of a protocol: area ranges times IoU thresholds.</summary>
internal sealed class DetectionCases
{
    private const double SmallSide = 32, MediumSide = 96;

    private DetectionCases(double[] thresholds, (double Low, double High)[] ranges) => (Thresholds, Ranges) = (thresholds, ranges);

    /// <summary>
    /// COCO's and LVIS': IoU .50:.05:.95 in all sizes, small, medium and large, both ends of a range inside (so that 32 x 32
    /// pixels are small and medium). The thresholds are rounded as the tools round them.
    /// </summary>
    public static DetectionCases Coco { get; } = new(
        [.. Enumerable.Range(0, 10).Select(i => .5 + i * ((.95 - .5) / 9))],
        [(0, 1e10), (0, SmallSide * SmallSide), (SmallSide * SmallSide, MediumSide * MediumSide), (MediumSide * MediumSide, 1e10)]);

    public static DetectionCases OpenImages { get; } = new([.5], [(0, double.PositiveInfinity)]);

    public double[] Thresholds { get; }

    public (double Low, double High)[] Ranges { get; }

    public int Count => Ranges.Length * Thresholds.Length;

    public int Of(int range, int threshold) => range * Thresholds.Length + threshold;

    public bool IsInside(int range, double area) => area >= Ranges[range].Low && area <= Ranges[range].High;
}

/// <summary>What is kept of a category over all images.</summary>
internal sealed class CategoryRecords(int ranges)
{
    public long[] Positives { get; } = new long[ranges];

    /// <summary>The parts of images in which the category occurs, in the truth or in a detection.</summary>
    public List<int> Parts { get; } = [];

    public List<DetectionRecord> Detections { get; } = [];

    /// <param name="offset">By how much its indices of parts are moved.</param>
    public void Merge(CategoryRecords other, int offset)
    {
        for (var i = 0; i < Positives.Length; i++)
            Positives[i] += other.Positives[i];
        Parts.AddRange(other.Parts.Select(part => part + offset));
        Detections.AddRange(other.Detections.Select(record => record with { Part = record.Part + offset }));
    }
}
