namespace Microsoft.ML.DrSeg.Tests.Datasets;

/// <summary>
/// A JSON file like LVIS v1's, as large as wanted: annotations come first and in no order of images, which is the hardest to
/// read, each outlined by 40 corners. No image files belong to it. Shared with the benchmarks.
/// </summary>
internal static class LvisLikeFile
{
    private const int Categories = 1203, Corners = 40, Radius = 12;

    /// <summary>Writes the file.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="images">How many images it lists.</param>
    /// <param name="annotationsPerImage">How many annotations each has; about 800 bytes a piece.</param>
    /// <returns>Its length in bytes.</returns>
    public static long Write(string path, int images, int annotationsPerImage)
    {
        var random = new Random(1);
        using var text = new StreamWriter(path);
        text.Write("{\"annotations\": [");
        long count = (long)images * annotationsPerImage;
        for (long i = 0; i < count; i++)
        {
            double x = random.Next(40, 600), y = random.Next(40, 440);
            text.Write(i > 0 ? ", {" : "{");
            text.Write(FormattableString.Invariant($"\"id\": {i + 1}, \"image_id\": {i * 7919 % images}, \"category_id\": {random.Next(1, Categories + 1)}, \"area\": 400.0, \"bbox\": [{x - Radius}, {y - Radius}, {2 * Radius}, {2 * Radius}], \"segmentation\": [["));
            for (int corner = 0; corner < Corners; corner++)
                text.Write(FormattableString.Invariant($"{(corner > 0 ? ", " : "")}{x + Radius * Math.Cos(corner * 2 * Math.PI / Corners):F2}, {y + Radius * Math.Sin(corner * 2 * Math.PI / Corners):F2}"));
            text.Write("]]}");
        }
        text.Write("], \"categories\": [");
        for (int id = 1; id <= Categories; id++)
            text.Write(FormattableString.Invariant($"{(id > 1 ? ", " : "")}{{\"id\": {id}, \"name\": \"thing {id}\", \"frequency\": \"{"rcf"[id % 3]}\"}}"));
        text.Write("], \"images\": [");
        for (int id = 0; id < images; id++)
            text.Write(FormattableString.Invariant($"{(id > 0 ? ", " : "")}{{\"id\": {id}, \"file_name\": \"{id:D12}.jpg\", \"width\": 640, \"height\": 480, \"neg_category_ids\": [1], \"not_exhaustive_category_ids\": []}}"));
        text.Write("]}");
        text.Flush();
        return text.BaseStream.Length;
    }
}
