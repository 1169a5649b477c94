using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>
/// Where everything stands in a JSON file of COCO's family: 24 bytes an annotation instead of about a thousand. Images
/// and annotations may come in any order, which is why the file is passed over before the first row can be given.
/// </summary>
internal sealed class CocoIndex
{
    private readonly JsonRecordFile _file;
    private readonly bool _instances;
    private readonly Action<SourcePlace, InvalidDataException> _skip;
    private readonly List<RecordPlace> _images = [];
    private readonly Dictionary<long, int> _imagePlaces = [], _categoryPlaces = [];
    private readonly List<Category> _categories = [];
    private readonly List<Annotation> _annotations = [];
    private readonly Dictionary<long, RecordPlace>? _byId;

    // While the file is read Image and Category are its ids, afterwards places in the lists of images and categories.
    private readonly record struct Annotation(long Image, long Offset, int Length, int Category) : IComparable<Annotation>
    {
        public int CompareTo(Annotation other)
        {
            int order = Image.CompareTo(other.Image);
            if (order == 0)
                order = Category.CompareTo(other.Category);
            return order == 0 ? Offset.CompareTo(other.Offset) : order;
        }
    }

    /// <param name="instances">Whether annotations are instances with an id and a category; panoptic ones are whole images.</param>
    /// <param name="skip">Told about records that cannot be placed; throws, or they are left out.</param>
    /// <param name="keepIds">Whether annotations shall be found by their id too.</param>
    public CocoIndex(string path, bool instances, Action<SourcePlace, InvalidDataException> skip, bool keepIds = false)
    {
        _byId = keepIds ? [] : null;
        (_file, _instances, _skip) = (new(path), instances, skip);
        _file.Scan(new Dictionary<string, JsonRecordFile.Visitor>
        {
            ["images"] = Guarded(AddImage),
            ["annotations"] = Guarded(AddAnnotation),
            ["categories"] = Guarded(AddCategory),
        });
        if (_images.Count == 0 || _categories.Count == 0)
            throw new SourcePlace(path).Problem("it has no 'images' or no 'categories': it is not in COCO's format.");
        Connect();
    }

    public IReadOnlyList<Category> Categories => _categories;

    public int ImageCount => _images.Count;

    public Category CategoryOf(long id) => _categoryPlaces.TryGetValue(id, out int place)
        ? _categories[place]
        : throw new InvalidDataException($"there is no category {id}.");

    public SafeFileHandle Open() => _file.Open();

    public SourcePlace PlaceOf(RecordPlace record) => new(_file.Path, record.Offset);

    public RecordPlace ImageRecord(int image) => _images[image];

    public int ImagePlace(long id) => _imagePlaces.TryGetValue(id, out int place) ? place : throw new InvalidDataException($"there is no image {id}.");

    public RecordPlace AnnotationOf(long id) => _byId!.TryGetValue(id, out RecordPlace place) ? place : throw new InvalidDataException($"there is no annotation {id}.");

    /// <summary>The annotations of an image, those of a category together, categories in the file's order.</summary>
    public IEnumerable<IGrouping<Category, RecordPlace>> AnnotationsOf(int image)
    {
        ReadOnlySpan<Annotation> all = CollectionsMarshal.AsSpan(_annotations);
        int first = all.BinarySearch(new Annotation(image, 0, 0, 0)), end;
        first = first < 0 ? ~first : first;
        for (end = first; end < all.Length && all[end].Image == image;)
            end++;
        return _annotations[first..end].GroupBy(annotation => _categories[annotation.Category], annotation => new RecordPlace(annotation.Offset, annotation.Length));
    }

    private JsonRecordFile.Visitor Guarded(JsonRecordFile.Visitor add) => (record, place) =>
    {
        try
        {
            add(record, place);
        }
        catch (Exception error) when (SourcePlace.IsDataProblem(error))
        {
            _skip(PlaceOf(place), PlaceOf(place).Problem(error));
        }
    };

    private void AddImage(ReadOnlySpan<byte> record, RecordPlace place)
    {
        long id = Checked(ReadKeys(record).Id, "id", least: 0);
        if (!_imagePlaces.TryAdd(id, _images.Count))
            throw new InvalidDataException($"the image id {id} occurs twice.");
        _images.Add(place);
    }

    private void AddCategory(ReadOnlySpan<byte> record, RecordPlace place)
    {
        long id = Checked(ReadKeys(record).Id, "id", least: 0);
        using var json = JsonDocument.Parse(record.ToArray());
        Category category = ReadCategory(id, json.RootElement);
        if (!_categoryPlaces.TryAdd(id, _categories.Count))
            throw new InvalidDataException($"the category id {id} occurs twice.");
        _categories.Add(category);
    }

    private void AddAnnotation(ReadOnlySpan<byte> record, RecordPlace place)
    {
        Keys keys = ReadKeys(record);
        // COCO's own evaluation takes the annotation 0 for no annotation at all.
        if (_instances)
        {
            long id = Checked(keys.Id, "id", least: 1);
            if (_byId is not null && !_byId.TryAdd(id, place))
                throw new InvalidDataException($"the annotation id {id} occurs twice.");
        }
        long category = _instances ? Checked(keys.Category, "category_id", least: 0) : 0;
        if (category > int.MaxValue)
            throw new InvalidDataException($"the category_id {category} is too large.");
        _annotations.Add(new(Checked(keys.Image, "image_id", least: 0), place.Offset, place.Length, (int)category));
    }

    private static Category ReadCategory(long id, JsonElement record)
    {
        QueryTraits traits = record.FieldOrNull("frequency")?.Text("frequency") switch
        {
            null => QueryTraits.None,
            "r" => QueryTraits.Rare,
            "c" => QueryTraits.Common,
            "f" => QueryTraits.Frequent,
            string other => throw new InvalidDataException($"the frequency '{other}' is none of r, c and f."),
        };
        if (record.FieldOrNull("isthing") is { } thing && thing.Whole("isthing") == 0)
            traits |= QueryTraits.Stuff;
        return new(FormattableString.Invariant($"{id}"), record.TextOf("name"), traits);
    }

    // Ids into places; what belongs to no image or category is left out.
    private void Connect()
    {
        Span<Annotation> all = CollectionsMarshal.AsSpan(_annotations);
        int kept = 0;
        foreach (Annotation annotation in all)
        {
            var place = new RecordPlace(annotation.Offset, annotation.Length);
            int category = 0;
            if (!_imagePlaces.TryGetValue(annotation.Image, out int image))
                _skip(PlaceOf(place), PlaceOf(place).Problem($"there is no image {annotation.Image}."));
            else if (_instances && !_categoryPlaces.TryGetValue(annotation.Category, out category))
                _skip(PlaceOf(place), PlaceOf(place).Problem($"there is no category {annotation.Category}."));
            else
                all[kept++] = annotation with { Image = image, Category = category };
        }
        _annotations.RemoveRange(kept, _annotations.Count - kept);
        CollectionsMarshal.AsSpan(_annotations).Sort();
    }

    private readonly record struct Keys(long? Id, long? Image, long? Category);

    private static Keys ReadKeys(ReadOnlySpan<byte> record)
    {
        var reader = new Utf8JsonReader(record);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new InvalidDataException($"expected an object, found {reader.TokenType}.");
        long? id = null, image = null, category = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8))
                id = ReadKey(ref reader);
            else if (reader.ValueTextEquals("image_id"u8))
                image = ReadKey(ref reader);
            else if (reader.ValueTextEquals("category_id"u8))
                category = ReadKey(ref reader);
            else
                reader.Skip();
        }
        return new(id, image, category);
    }

    private static long? ReadKey(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long value))
            return value;
        reader.Skip(); // not every record's id is looked at
        return null;
    }

    private static long Checked(long? value, string name, long least) => value switch
    {
        null => throw new InvalidDataException($"the field '{name}' is missing or no whole number."),
        { } number when number < least => throw new InvalidDataException($"the {name} {number} is below {least}."),
        { } number => number,
    };
}
