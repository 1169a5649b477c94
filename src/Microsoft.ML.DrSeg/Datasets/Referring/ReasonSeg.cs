using System.Text.Json;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>
/// ReasonSeg: beside every image a JSON file of its name with sentences and outlined shapes. One row a sentence; what is
/// asked for are all shapes but those called "flag", which outline nothing, and "ignore" (neither right nor wrong), which count
/// as outside and cover what is larger than they are, as the data set's own reader paints them.
/// </summary>
internal sealed class ReasonSeg : SegmentationDataSet
{
    private const string Ignored = "ignore", NoShape = "flag";
    private static readonly Category Target = new("1", "target");
    private readonly string _folder;
    private readonly ImageLocator _images;

    public ReasonSeg(string folder, DataSetOptions? options = null)
        : base(DataSetLayout.ReasonSeg, options) =>
        (_folder, _images) = (ExistingFolder(folder), ImagesOr(folder));

    public override IReadOnlyList<Category> Categories { get; } = [Target];

    private protected override IEnumerable<PendingRows> Pending()
    {
        foreach (string file in ImageFiles.In(_folder, ".json"))
            yield return new(new(file), () => ReadRows(file));
    }

    private AnnotatedQuery[] ReadRows(string file)
    {
        using JsonDocument json = SmallFile.Json(file); // some of the published ones are in Windows-1252
        string id = Path.GetFileNameWithoutExtension(file), image = _images.FindByStem(id);
        (int width, int height) = ImageFiles.SizeOf(image);
        var shapes = new List<(string Label, SegmentationMask Mask)>();
        foreach (JsonElement shape in json.RootElement.ItemsOf("shapes"))
            if (shape.TextOf("label").ToLowerInvariant() is var label && label != NoShape)
                shapes.Add((label, SegmentationMask.FromPolygons([[.. shape.ItemsOf("points").SelectMany(point => point.Numbers("points"))]], width, height)));
        var objects = new List<AnnotatedObject>();
        foreach ((_, SegmentationMask mask) in shapes.Where(shape => !shape.Label.Contains(Ignored, StringComparison.Ordinal)))
        {
            SegmentationMask seen = shapes.Where(other => other.Label.Contains(Ignored, StringComparison.Ordinal) && other.Mask.Area < mask.Area)
                .Aggregate(mask, (rest, other) => rest.Except(other.Mask));
            objects.Add(new($"{id}/{objects.Count + 1}", seen, seen.Box, seen.Area, ObjectTraits.None));
        }
        JsonElement text = json.RootElement.Field("text");
        JsonElement[] sentences = text.ValueKind == JsonValueKind.Array ? [.. text.EnumerateArray()] : [text];
        return [.. sentences.Select(sentence => Row(id, image, sentence.Text("text"), Target, width, height, objects,
            objects.Count == 0 ? QueryTraits.Absent : QueryTraits.None))];
    }
}
