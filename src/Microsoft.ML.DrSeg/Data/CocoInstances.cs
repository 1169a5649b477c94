using System.Text.Json;

namespace Microsoft.ML.DrSeg.Data;

/// <summary>Questions about photographs annotated in COCO's instances format (polygons).</summary>
public static class CocoInstances
{
    /// <summary>
    /// One question for every image and category with exactly one instance in the image: the answer is then one object, as
    /// the compact model gives it. Crowds and categories outside <paramref name="nouns"/> are left out.
    /// </summary>
    /// <param name="folder">Holds <c>instances.json</c> and the folder <c>images</c>.</param>
    /// <param name="nouns">The categories asked for, by name.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">The annotations are not in COCO's format, or an annotation is no polygon.</exception>
    public static IReadOnlyList<SegmentationExample> SingleInstances(string folder, IReadOnlyCollection<string> nouns)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(nouns);
        string path = Path.Combine(folder, "instances.json");
        try
        {
            using FileStream stream = File.OpenRead(path);
            using JsonDocument json = JsonDocument.Parse(stream);
            return Read(json.RootElement, folder, nouns);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"'{path}' is not in COCO's instances format: {error.Message}", error);
        }
    }

    private static List<SegmentationExample> Read(JsonElement root, string folder, IReadOnlyCollection<string> nouns)
    {
        Dictionary<long, string> categories = root.GetProperty("categories").EnumerateArray()
            .ToDictionary(category => category.GetProperty("id").GetInt64(), category => category.GetProperty("name").GetString()!);
        Dictionary<long, string> files = root.GetProperty("images").EnumerateArray()
            .ToDictionary(image => image.GetProperty("id").GetInt64(), image => image.GetProperty("file_name").GetString()!);
        var single = root.GetProperty("annotations").EnumerateArray()
            .Where(annotation => nouns.Contains(categories[annotation.GetProperty("category_id").GetInt64()]))
            .GroupBy(annotation => (Image: annotation.GetProperty("image_id").GetInt64(), Category: annotation.GetProperty("category_id").GetInt64()))
            .Where(group => group.Count() == 1 && !IsCrowd(group.First()))
            .OrderBy(group => group.Key.Image).ThenBy(group => group.Key.Category);

        var examples = new List<SegmentationExample>();
        foreach (var group in single)
        {
            RgbImage image = RgbImage.Load(Path.Combine(folder, "images", files[group.Key.Image]));
            JsonElement annotation = group.First();
            SegmentationMask mask = SegmentationMask.FromPolygons(
                annotation.GetProperty("segmentation").EnumerateArray().Select(polygon => polygon.EnumerateArray().Select(value => value.GetDouble()).ToArray()),
                image.Width, image.Height);
            examples.Add(new SegmentationExample(image, categories[group.Key.Category], mask, annotation.GetProperty("id").GetInt64()));
        }
        return examples;
    }

    private static bool IsCrowd(JsonElement annotation) =>
        annotation.TryGetProperty("iscrowd", out JsonElement crowd) && crowd.GetInt32() != 0;
}
