using System.Text.Json;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Scenes;

/// <summary>Writes COCO's panoptic format: images/*.png, panoptic/*.png with segment ids as colours, and panoptic.json.</summary>
internal sealed class CocoPanopticWriter : DataSetWriter
{
    private readonly List<Image> _images = [];

    private sealed record Image(long Id, string File, int Width, int Height, Segment[] Segments);

    private readonly record struct Segment(int Id, int Category, BoundingBox Box, long Area, bool IsGroup);

    /// <inheritdoc cref="DataSetWriter.Create" path="/summary|/exception"/>
    /// <param name="folder">Where it shall be; must not exist yet, or be empty.</param>
    /// <param name="categories">Names of the categories; the ids are 1, 2, 3 and so on.</param>
    public CocoPanopticWriter(string folder, IReadOnlyList<WrittenCategory> categories)
        : base(folder, categories)
    {
    }

    private protected override void Write(WrittenImage image)
    {
        string file = NameOf(image.Id) + ".png";
        image.Image.Save(PathOf("images", file));
        var segments = image.Objects.Concat(image.Stuff).Select((seen, i) => (Id: i + 1, Seen: seen)).ToArray();
        LabelMap.FromMasks(segments.Select(segment => (segment.Id, segment.Seen.Mask)), 0, image.Image.Width, image.Image.Height)
            .SaveColourPng(PathOf("panoptic", file));
        _images.Add(new(image.Id, file, image.Image.Width, image.Image.Height, [.. segments.Select(segment => new Segment(
            segment.Id, segment.Seen.Category, segment.Seen.Mask.Box, segment.Seen.Mask.Area, segment.Seen.Traits.HasFlag(ObjectTraits.Group)))]));
    }

    private protected override void WriteTables() => WriteJson("panoptic.json", json =>
    {
        json.WriteStartObject();
        json.WriteArray("images", _images, (to, image) =>
        {
            to.WriteStartObject();
            to.WriteImage(image.Id, image.File, image.Width, image.Height);
            to.WriteEndObject();
        });
        json.WriteArray("annotations", _images, (to, image) =>
        {
            to.WriteStartObject();
            to.WriteNumber("image_id", image.Id);
            to.WriteString("file_name", image.File);
            to.WriteArray("segments_info", image.Segments, Write);
            to.WriteEndObject();
        });
        json.WriteArray("categories", Categories.Index(), (to, one) =>
        {
            to.WriteStartObject();
            to.WriteNumber("id", one.Index + 1);
            to.WriteString("name", one.Item.Name);
            to.WriteNumber("isthing", one.Item.IsStuff ? 0 : 1);
            to.WriteEndObject();
        });
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, Segment segment)
    {
        json.WriteStartObject();
        json.WriteNumber("id", segment.Id);
        json.WriteNumber("category_id", segment.Category + 1);
        json.WriteBox(segment.Box);
        json.WriteNumber("area", segment.Area);
        json.WriteNumber("iscrowd", segment.IsGroup ? 1 : 0);
        json.WriteEndObject();
    }
}
