using System.Text.Json;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Scenes;

/// <summary>
/// Writes COCO's instances or LVIS v1: images/*.png and instances.json, masks as compressed run lengths, groups as crowds.
/// In LVIS, which knows no crowds, the category of a group is marked as incomplete for its image instead. So is, in both, a
/// category with objects that have no mask: without the mark, COCO's would count as absent.
/// </summary>
internal class CocoInstancesWriter : DataSetWriter
{
    private readonly bool _lvis;
    private readonly List<Image> _images = [];
    private readonly List<Annotation> _annotations = [];

    private readonly record struct Image(long Id, string File, int Width, int Height, int[] Absent, int[] NotExhaustive);

    private readonly record struct Annotation(int Image, int Category, long Area, BoundingBox Box, string Counts, bool IsGroup);

    /// <inheritdoc cref="DataSetWriter.Create" path="/summary|/exception"/>
    /// <param name="folder">Where it shall be; must not exist yet, or be empty.</param>
    /// <param name="categories">Names of the categories; the ids are 1, 2, 3 and so on. Stuff is left out.</param>
    /// <param name="lvis">Whether to write LVIS's fields too.</param>
    public CocoInstancesWriter(string folder, IReadOnlyList<WrittenCategory> categories, bool lvis = false)
        : base(folder, categories) => _lvis = lvis;

    /// <summary>How many instances were written; their ids are 1 to this number.</summary>
    private protected int InstanceCount => _annotations.Count;

    private protected override void Write(WrittenImage image)
    {
        string file = NameOf(image.Id) + ".png";
        image.Image.Save(PathOf("images", file));
        foreach (WrittenObject seen in image.Objects)
            _annotations.Add(new(_images.Count, seen.Category, seen.Mask.Area, seen.Mask.Box, seen.Mask.ToCompressedRunLengths(), seen.Traits.HasFlag(ObjectTraits.Group)));
        IEnumerable<int> groups = image.Objects.Where(seen => _lvis && seen.Traits.HasFlag(ObjectTraits.Group)).Select(seen => seen.Category);
        _images.Add(new(image.Id, file, image.Image.Width, image.Image.Height, [.. image.Absent], [.. groups.Concat(image.Unmasked).Distinct()]));
    }

    private protected override void WriteTables() => WriteJson("instances.json", json =>
    {
        json.WriteStartObject();
        json.WriteArray("images", _images, Write);
        json.WriteArray("annotations", _annotations.Index(), Write);
        json.WriteArray("categories", Categories.Index().Where(one => !one.Item.IsStuff), Write);
        json.WriteEndObject();
    });

    private void Write(Utf8JsonWriter json, Image image)
    {
        json.WriteStartObject();
        json.WriteImage(image.Id, image.File, image.Width, image.Height);
        if (_lvis)
            json.WriteArray("neg_category_ids", image.Absent, (to, category) => to.WriteNumberValue(category + 1));
        // A field of LVIS, which COCO's own tools pass over.
        if (_lvis || image.NotExhaustive.Length > 0)
            json.WriteArray("not_exhaustive_category_ids", image.NotExhaustive, (to, category) => to.WriteNumberValue(category + 1));
        json.WriteEndObject();
    }

    private void Write(Utf8JsonWriter json, (int Index, Annotation Item) one)
    {
        (int index, Annotation annotation) = one;
        Image image = _images[annotation.Image];
        json.WriteStartObject();
        json.WriteNumber("id", index + 1);
        json.WriteNumber("image_id", image.Id);
        json.WriteNumber("category_id", annotation.Category + 1);
        json.WriteStartObject("segmentation");
        json.WriteNumbers("size", image.Height, image.Width);
        json.WriteString("counts", annotation.Counts);
        json.WriteEndObject();
        json.WriteNumber("area", annotation.Area);
        json.WriteBox(annotation.Box);
        if (!_lvis)
            json.WriteNumber("iscrowd", annotation.IsGroup ? 1 : 0);
        json.WriteEndObject();
    }

    private void Write(Utf8JsonWriter json, (int Index, WrittenCategory Item) one)
    {
        json.WriteStartObject();
        json.WriteNumber("id", one.Index + 1);
        json.WriteString("name", one.Item.Name);
        if (_lvis)
        {
            int images = _annotations.Where(annotation => annotation.Category == one.Index).Select(annotation => annotation.Image).Distinct().Count();
            json.WriteString("frequency", images <= 10 ? "r" : images <= 100 ? "c" : "f");
            json.WriteNumber("image_count", images);
            json.WriteNumber("instance_count", _annotations.Count(annotation => annotation.Category == one.Index));
        }
        json.WriteEndObject();
    }
}
