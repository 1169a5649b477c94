using System.Text.Json;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>
/// ReasonSeg: beside every image a JSON file of its name with sentences and outlined shapes. One row a sentence; what is
/// asked for are the shapes called "target". Shapes called "ignore" (neither right nor wrong) count as outside.
/// </summary>
internal sealed class ReasonSeg : SegmentationDataSet
{
    private static readonly Category Target = new("1", "target");
    private readonly DataFolder _folder;

    public ReasonSeg(string folder, DataSetOptions? options = null)
        : base(DataSetLayout.ReasonSeg, options) =>
        _folder = new(ExistingFolder(folder));

    public override IReadOnlyList<Category> Categories { get; } = [Target];

    private protected override IEnumerable<PendingRows> Pending()
    {
        foreach (string file in Directory.EnumerateFiles(_folder.FullPath, "*.json").Order(StringComparer.Ordinal))
            yield return new(new(file), () => ReadRows(file));
    }

    private AnnotatedQuery[] ReadRows(string file)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        string id = Path.GetFileNameWithoutExtension(file), image = ImageFiles.Find(_folder, id);
        (int width, int height) = ImageFiles.SizeOf(image);
        var objects = new List<AnnotatedObject>();
        foreach (JsonElement shape in json.RootElement.ItemsOf("shapes"))
        {
            if (shape.TextOf("label") != Target.Name)
                continue;
            double[] corners = [.. shape.ItemsOf("points").SelectMany(point => point.Numbers("points"))];
            var mask = SegmentationMask.FromPolygons([corners], width, height);
            objects.Add(new($"{id}/{objects.Count + 1}", mask, mask.Box, mask.Area, ObjectTraits.None));
        }
        JsonElement text = json.RootElement.Field("text");
        JsonElement[] sentences = text.ValueKind == JsonValueKind.Array ? [.. text.EnumerateArray()] : [text];
        return [.. sentences.Select(sentence => Row(id, image, sentence.Text("text"), Target, width, height, objects,
            objects.Count == 0 ? QueryTraits.Absent : QueryTraits.None))];
    }
}
