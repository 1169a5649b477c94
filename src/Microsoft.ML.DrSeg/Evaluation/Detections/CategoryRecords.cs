namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>What is kept of a category over all images.</summary>
internal sealed class CategoryRecords(int ranges)
{
    /// <summary>Objects to be found in each range of areas.</summary>
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
