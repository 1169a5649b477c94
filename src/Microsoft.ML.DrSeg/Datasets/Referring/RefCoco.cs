using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>
/// RefCOCO, RefCOCO+, RefCOCOg and gRefCOCO: sentences that each describe an instance of a file in COCO's format. One row a
/// sentence.
/// </summary>
/// <remarks>
/// The sentences are a JSON array of <c>{ref_id, ann_id, image_id, split, sentences: [{sent}]}</c>, which is what
/// <c>refs(unc).p</c> holds (Python's pickles run code when read, and are not). In gRefCOCO <c>ann_id</c> is an array, with
/// -1 for a thing that is not there.
/// </remarks>
internal sealed class RefCoco : SegmentationDataSet
{
    private const string Nothing = "-1";
    private readonly JsonRecordFile _sentences;
    private readonly ImageLocator _images;
    private readonly Lazy<CocoIndex> _index;

    public RefCoco(string sentenceFile, string annotationFile, ImageLocator images, DataSetOptions? options = null)
        : base(DataSetLayout.RefCoco, options)
    {
        _sentences = new(Existing(sentenceFile));
        _images = ImagesOr(images);
        string path = Existing(annotationFile);
        _index = new(() => new CocoIndex(path, instances: true, this, keepIds: true));
    }

    public override IReadOnlyList<Category> Categories => _index.Value.Categories;

    private protected override IEnumerable<PendingRows> Pending()
    {
        CocoIndex index = _index.Value;
        var records = new List<RecordPlace>();
        _sentences.Scan(new Dictionary<string, JsonRecordFile.Visitor> { [""] = (_, place) => records.Add(place) });
        if (records.Count == 0)
            throw new SourcePlace(_sentences.Path).Problem("it is no array of sentences, or an empty one.");
        using SafeFileHandle file = index.Open(), sentences = _sentences.Open();
        foreach (RecordPlace record in records)
            yield return new(new(_sentences.Path, record.Offset), () => ReadRows(index, file, sentences, record));
    }

    private AnnotatedQuery[] ReadRows(CocoIndex index, SafeFileHandle file, SafeFileHandle sentences, RecordPlace record)
    {
        using JsonDocument json = JsonRecordFile.Read(sentences, record);
        JsonElement reference = json.RootElement;
        if (Options.Split is { } split && reference.TextOf("split") != split)
            return [];
        using JsonDocument imageJson = JsonRecordFile.Read(file, index.ImageRecord(index.ImagePlace(reference.Field("image_id").Id("image_id"))));
        var image = CocoImage.Read(imageJson.RootElement, _images);
        string[] Ids(string field) => reference.Field(field) is { ValueKind: JsonValueKind.Array } several ? [.. several.EnumerateArray().Select(id => id.Id(field))] : [reference.Field(field).Id(field)];
        var found = new List<AnnotatedObject>();
        Category category = new("0", "nothing");
        foreach (string id in Ids("ann_id").Where(id => id != Nothing).Distinct())
        {
            RecordPlace place = index.AnnotationOf(id);
            using JsonDocument annotation = JsonRecordFile.Read(file, place);
            if (annotation.RootElement.Field("image_id").Id("image_id") is var other && other != image.Id)
                throw new InvalidDataException($"annotation {id} is of image {other}, not of {image.Id}.");
            found.Add(CocoInstance.Read(annotation.RootElement, image.Width, image.Height, note => Note(index.PlaceOf(place), note)));
            category = index.CategoryOf(annotation.RootElement.Field("category_id").Id("category_id"));
        }
        if (found.Count == 0 && reference.FieldOrNull("category_id") is not null && Ids("category_id").FirstOrDefault(id => id != Nothing) is { } named)
            category = index.CategoryOf(named);
        return [.. reference.ItemsOf("sentences").Select(sentence => Row(image.Id, image.File, sentence.TextOf("sent"),
            category, image.Width, image.Height, found, found.Count == 0 ? QueryTraits.Absent : QueryTraits.None))];
    }
}
