using System.Globalization;
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
    private readonly JsonRecordFile _sentences;
    private readonly DataFolder _images;
    private readonly Lazy<CocoIndex> _index;

    public RefCoco(string sentenceFile, string annotationFile, string imageFolder, DataSetOptions? options = null)
        : base(DataSetLayout.RefCoco, options)
    {
        _sentences = new(Existing(sentenceFile));
        _images = new(imageFolder);
        string path = Existing(annotationFile);
        _index = new(() => new CocoIndex(path, instances: true, Skip, keepIds: true));
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
        using JsonDocument imageJson = JsonRecordFile.Read(file, index.ImageRecord(index.ImagePlace(reference.WholeOf("image_id"))));
        var image = CocoImage.Read(imageJson.RootElement);
        string path = _images.Resolve(image.File);

        JsonElement ids = reference.Field("ann_id");
        long[] wanted = ids.ValueKind == JsonValueKind.Array ? [.. ids.EnumerateArray().Select(id => id.Whole("ann_id"))] : [ids.Whole("ann_id")];
        var found = new List<AnnotatedObject>();
        Category category = new("0", "nothing");
        foreach (long id in wanted.Where(id => id != -1))
        {
            using JsonDocument annotation = JsonRecordFile.Read(file, index.AnnotationOf(id));
            if (annotation.RootElement.WholeOf("image_id").ToString(CultureInfo.InvariantCulture) != image.Id)
                throw new InvalidDataException($"annotation {id} is not of image {image.Id}.");
            found.Add(CocoInstance.Read(annotation.RootElement, image.Width, image.Height));
            category = index.CategoryOf(annotation.RootElement.WholeOf("category_id"));
        }
        if (reference.FieldOrNull("category_id") is { } named && found.Count == 0 && named.Whole("category_id") is >= 0 and var number)
            category = index.CategoryOf(number);
        return [.. reference.ItemsOf("sentences").Select(sentence => Row(image.Id, path, sentence.TextOf("sent"),
            category, image.Width, image.Height, found, found.Count == 0 ? QueryTraits.Absent : QueryTraits.None))];
    }
}
