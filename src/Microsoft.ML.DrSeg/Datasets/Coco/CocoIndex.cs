using System.Globalization;
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
    // Ids that are texts get numbers from here on, far from those that are numbers.
    private const long FirstText = long.MinValue;
    private const int Unknown = int.MinValue; // a category that a record does not name

    private readonly JsonRecordFile _file;
    private readonly bool _instances;
    private readonly SegmentationDataSet _owner;
    private readonly List<RecordPlace> _images = [];
    private readonly Dictionary<long, int> _imagePlaces = [], _categoryPlaces = [];
    private readonly Dictionary<string, long> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _categoriesById = new(StringComparer.Ordinal), _categoriesByName = new(StringComparer.Ordinal);
    private readonly Dictionary<long, int> _farCategories = [];
    private readonly List<Category> _categories = [];
    private readonly List<Annotation> _annotations = [];
    private readonly HashSet<int> _damagedImages = [];
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
    /// <param name="owner">Told about records that cannot be placed; throws, or they are left out with the rows that they belong to.</param>
    /// <param name="keepIds">Whether annotations shall be found by their id too.</param>
    public CocoIndex(string path, bool instances, SegmentationDataSet owner, bool keepIds = false)
    {
        _byId = keepIds ? [] : null;
        (_file, _instances, _owner) = (new(path), instances, owner);
        HashSet<string> found = _file.Scan(new Dictionary<string, JsonRecordFile.Visitor>
        {
            ["images"] = Guarded(AddImage),
            ["annotations"] = Guarded(AddAnnotation),
            ["categories"] = Guarded(AddCategory),
        });
        if (_images.Count == 0 || _categories.Count == 0)
            throw new SourcePlace(path).Problem("it has no 'images' or no 'categories': it is not in COCO's format.");
        if (!found.Contains("annotations"))
            throw new SourcePlace(path).Problem("it has no 'annotations': it only lists images, as files of COCO's test parts do.");
        Connect();
    }

    public IReadOnlyList<Category> Categories => _categories;

    public int ImageCount => _images.Count;

    public Category CategoryOf(string id) => _categoriesById.TryGetValue(id, out int place)
        ? _categories[place]
        : throw new InvalidDataException($"there is no category {id}.");

    public SafeFileHandle Open() => _file.Open();

    public SourcePlace PlaceOf(RecordPlace record) => new(_file.Path, record.Offset);

    public RecordPlace ImageRecord(int image) => _images[image];

    public int ImagePlace(string id) => _imagePlaces.TryGetValue(KnownKey(id), out int place) ? place : throw new InvalidDataException($"there is no image {id}.");

    public RecordPlace AnnotationOf(string id) => !_byId!.TryGetValue(KnownKey(id), out RecordPlace place) ? throw new InvalidDataException($"there is no annotation {id}.")
        : place.Length > 0 ? place : throw new InvalidDataException($"the annotation id {id} occurs twice: which one is meant cannot be told.");

    /// <summary>Whether an image's annotations are not known: a record that may be one of them was left out.</summary>
    public bool IsDamaged(int image) => _damagedImages.Contains(image);

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
            _owner.Skip(PlaceOf(place), PlaceOf(place).Problem(error));
        }
    };

    private void AddImage(ReadOnlySpan<byte> record, RecordPlace place)
    {
        long id = ReadKeys(record, isAnnotation: false).Id ?? throw Missing(record, "id");
        if (!_imagePlaces.TryAdd(id, _images.Count))
        {
            _damagedImages.Add(_imagePlaces[id]);
            throw new InvalidDataException($"the image id {TextOf(record, "id")} occurs twice.");
        }
        _images.Add(place);
    }

    private void AddCategory(ReadOnlySpan<byte> record, RecordPlace place)
    {
        long id = ReadKeys(record, isAnnotation: false).Id ?? throw Missing(record, "id");
        using var json = JsonDocument.Parse(record.ToArray());
        Category category = ReadCategory(json.RootElement);
        // Whoever asks for a name means all that are called by it.
        bool isKnown = _categoriesByName.TryGetValue(category.Name, out int at);
        if (!isKnown)
            at = _categories.Count;
        if (!_categoryPlaces.TryAdd(id, at))
            throw new InvalidDataException($"the category id {category.Id} occurs twice.");
        _categoriesById.Add(category.Id, at);
        if (!isKnown)
        {
            _categoriesByName.Add(category.Name, at);
            _categories.Add(category);
        }
        else
            _owner.Note(PlaceOf(place), $"the categories {_categories[at].Id} and {category.Id} are both called '{category.Name}'; they are read as one.");
    }

    private void AddAnnotation(ReadOnlySpan<byte> record, RecordPlace place)
    {
        Keys keys = ReadKeys(record, isAnnotation: true);
        if (_byId is not null && keys.Id is { } id && !_byId.TryAdd(id, place))
            _byId[id] = default;
        long image = keys.Image ?? throw Missing(record, "image_id");
        // A record without its category may belong to any row of its image.
        if (_instances && keys.Category is null)
        {
            _annotations.Add(new(image, place.Offset, place.Length, Unknown));
            throw Missing(record, "category_id");
        }
        _annotations.Add(new(image, place.Offset, place.Length, _instances ? ShortOf(keys.Category!.Value) : 0));
    }

    // Most ids of categories are short numbers; others get numbers below 0.
    private int ShortOf(long category)
    {
        if (category is >= 0 and <= int.MaxValue)
            return (int)category;
        ref int number = ref CollectionsMarshal.GetValueRefOrAddDefault(_farCategories, category, out bool isKnown);
        return isKnown ? number : number = -_farCategories.Count;
    }

    private static InvalidDataException Missing(ReadOnlySpan<byte> record, string name)
    {
        using var json = JsonDocument.Parse(record.ToArray());
        return json.RootElement.FieldOrNull(name) is { } value
            ? JsonFields.Wrong(value, name, "a whole number, at least 0, or a text")
            : new InvalidDataException($"the field '{name}' is missing.");
    }

    private static string TextOf(ReadOnlySpan<byte> record, string name)
    {
        using var json = JsonDocument.Parse(record.ToArray());
        return json.RootElement.Field(name).Id(name);
    }

    private static Category ReadCategory(JsonElement record)
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
        return new(record.Field("id").Id("id"), record.TextOf("name"), traits);
    }

    // Ids into places; what belongs to no image or category is left out.
    private void Connect()
    {
        var places = _categoryPlaces.ToDictionary(pair => ShortOf(pair.Key), pair => pair.Value);
        Span<Annotation> all = CollectionsMarshal.AsSpan(_annotations);
        int kept = 0;
        foreach (Annotation annotation in all)
        {
            var place = new RecordPlace(annotation.Offset, annotation.Length);
            int category = 0;
            if (!_imagePlaces.TryGetValue(annotation.Image, out int image))
                SkipUnplaced(place, "image", "image_id");
            else if (annotation.Category == Unknown && _instances)
                _damagedImages.Add(image);
            else if (_instances && !places.TryGetValue(annotation.Category, out category))
                SkipUnplaced(place, "category", "category_id");
            else
                all[kept++] = annotation with { Image = image, Category = category };
        }
        _annotations.RemoveRange(kept, _annotations.Count - kept);
        CollectionsMarshal.AsSpan(_annotations).Sort();
    }

    private void SkipUnplaced(RecordPlace place, string what, string field)
    {
        using SafeFileHandle file = Open();
        using JsonDocument record = JsonRecordFile.Read(file, place);
        _owner.Skip(PlaceOf(place), PlaceOf(place).Problem($"there is no {what} {record.RootElement.Field(field).Id(field)}."));
    }

    private readonly record struct Keys(long? Id, long? Image, long? Category);

    // What stands behind the last key, often most of the record, is not looked at.
    private Keys ReadKeys(ReadOnlySpan<byte> record, bool isAnnotation)
    {
        var reader = new Utf8JsonReader(record);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new InvalidDataException($"expected an object, found {reader.TokenType}.");
        long? id = null, image = null, category = null;
        while ((id is null || (isAnnotation && (image is null || category is null))) && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
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

    private long? ReadKey(ref Utf8JsonReader reader)
    {
        reader.Read();
        long? key = null;
        if (reader.TokenType == JsonTokenType.Number)
            key = reader.TryGetInt64(out long whole) ? whole : reader.TryGetDouble(out double number) ? JsonFields.WholeOf(number) : null;
        else if (reader.TokenType == JsonTokenType.String)
            return KeyOf(reader.GetString()!);
        else
            reader.Skip();
        return key >= 0 ? key : null;
    }

    // Ids that are numbers stand for themselves, however they are written. Only the file's own texts are remembered.
    private static bool IsNumber(string id, out long number) => long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private long KnownKey(string id) => IsNumber(id, out long number) || _texts.TryGetValue(id, out number) ? number : -1;

    private long KeyOf(string id)
    {
        if (IsNumber(id, out long number))
            return number;
        ref long key = ref CollectionsMarshal.GetValueRefOrAddDefault(_texts, id, out bool isKnown);
        return isKnown ? key : key = FirstText + _texts.Count;
    }
}
