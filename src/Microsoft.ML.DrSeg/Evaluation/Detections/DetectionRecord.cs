namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>All that is kept of a detection once it is matched: 32 bytes.</summary>
/// <param name="Part">Which part of which image it stands in: an index of the accumulator.</param>
/// <param name="Position">Its place within the part.</param>
internal readonly record struct DetectionRecord(double Score, int Part, int Position, Outcome Outcome);

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

/// <summary>What is kept of a category over all images.</summary>
internal sealed class CategoryRecords(int ranges)
{
    /// <summary>Of panoptic quality: the IoUs of matched segments, and the segments of either side that are not.</summary>
    public PanopticSum Panoptic;

    public long[] Positives { get; } = new long[ranges];

    /// <summary>The parts of images in which the category occurs, in the truth or in a detection.</summary>
    public List<int> Parts { get; } = [];

    /// <summary>Those of a part stand together, the highest score first.</summary>
    public List<DetectionRecord> Detections { get; } = [];

    /// <param name="offset">By how much its indices of parts are moved.</param>
    public void Merge(CategoryRecords other, int offset)
    {
        for (var i = 0; i < Positives.Length; i++)
            Positives[i] += other.Positives[i];
        Parts.AddRange(other.Parts.Select(part => part + offset));
        Detections.AddRange(other.Detections.Select(record => record with { Part = record.Part + offset }));
        Panoptic.Merge(other.Panoptic);
    }
}
