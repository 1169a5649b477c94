using Microsoft.ML.DrSeg.Datasets;

namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>
/// Which detections are too many for their image. This can wait until all parts of the image are known and matched: those
/// dropped have the lowest scores of their category, and a detection never changes the matches of those above it.
/// </summary>
internal static class DetectionLimit
{
    /// <param name="images">The image of each part.</param>
    /// <returns>The dropped detections of the categories that lose any.</returns>
    public static Dictionary<string, HashSet<(int Part, int Position)>> FindDropped(
        IReadOnlyDictionary<string, CategoryRecords> categories, int[] images, int limit)
    {
        var counts = new int[images.Length];
        foreach (var records in categories.Values)
            foreach (var record in records.Detections)
                counts[images[record.Part]]++;

        var crowded = new Dictionary<int, List<(DetectionRecord Record, string Category)>>();
        if (counts.Any(count => count > limit))
            foreach (var (category, records) in categories)
                foreach (var record in records.Detections.Where(record => counts[images[record.Part]] > limit))
                {
                    if (!crowded.TryGetValue(images[record.Part], out var list))
                        crowded.Add(images[record.Part], list = []);
                    list.Add((record, category));
                }

        var dropped = new Dictionary<string, HashSet<(int, int)>>();
        foreach (var detections in crowded.Values)
        {
            var excess = detections
                .OrderByDescending(item => item.Record.Score).ThenBy(item => item.Record.Position).ThenBy(item => new ImageId(item.Category))
                .Skip(limit);
            foreach (var (record, category) in excess)
            {
                if (!dropped.TryGetValue(category, out var set))
                    dropped.Add(category, set = []);
                set.Add((record.Part, record.Position));
            }
        }
        return dropped;
    }
}
