using System.Text.Json;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.Win32.SafeHandles;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>
/// COCO's panoptic format: every pixel belongs to one segment. A JSON file lists the segments, and PNGs carry their ids
/// as red + 256 green + 65536 blue, 0 for no segment. One row for every category of an image, things and stuff.
/// </summary>
internal sealed class CocoPanoptic : SegmentationDataSet
{
    private readonly DataFolder _segments;
    private readonly ImageLocator _images;
    private readonly Lazy<CocoIndex> _index;

    public CocoPanoptic(string annotationFile, string segmentFolder, ImageLocator images, DataSetOptions? options = null)
        : base(DataSetLayout.CocoPanoptic, options)
    {
        string path = Existing(annotationFile);
        (_segments, _images) = (new(segmentFolder), ImagesOr(images));
        _index = new(() => new CocoIndex(path, instances: false, this));
    }

    public override IReadOnlyList<Category> Categories => _index.Value.Categories;

    private protected override IEnumerable<PendingRows> Pending()
    {
        CocoIndex index = _index.Value;
        using SafeFileHandle file = index.Open();
        for (int i = 0; i < index.ImageCount; i++)
            foreach (RecordPlace record in index.AnnotationsOf(i).SelectMany(group => group))
            {
                RecordPlace image = index.ImageRecord(i);
                yield return new(index.PlaceOf(record), () => ReadRows(index, file, image, record));
            }
    }

    private List<AnnotatedQuery> ReadRows(CocoIndex index, SafeFileHandle file, RecordPlace imageRecord, RecordPlace record)
    {
        using JsonDocument imageJson = JsonRecordFile.Read(file, imageRecord), json = JsonRecordFile.Read(file, record);
        var image = CocoImage.Read(imageJson.RootElement, _images);
        string path = _segments.Resolve(json.RootElement.TextOf("file_name"));
        var map = LabelMap.LoadPng(path);
        if (map.Width != image.Width || map.Height != image.Height)
            throw new InvalidDataException($"'{path}' is {map.Width} x {map.Height} pixels, but image {image.Id} {image.Width} x {image.Height}.");

        var masks = new Dictionary<int, SegmentationMask>(map.Masks());
        masks.Remove(0);
        var objects = new List<(Category Category, AnnotatedObject Seen)>();
        foreach (JsonElement segment in json.RootElement.ItemsOf("segments_info"))
        {
            long id = segment.WholeOf("id");
            if (id is < 1 or > 0xFFFFFF || !masks.Remove((int)id, out SegmentationMask? mask))
                throw new InvalidDataException($"no pixel of '{path}' belongs to segment {id}, or it is listed twice.");
            objects.Add((index.CategoryOf(segment.Field("category_id").Id("category_id")), CocoInstance.Read(segment, mask)));
        }
        if (masks.Count > 0)
            throw new InvalidDataException($"'{path}' has a segment {masks.Keys.First()} that is not listed.");
        return Rows(image.Id, image.File, image.Width, image.Height, objects);
    }
}
