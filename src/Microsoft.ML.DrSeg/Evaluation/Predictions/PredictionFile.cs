using System.Text.Json;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.Win32.SafeHandles;

namespace Microsoft.ML.DrSeg.Evaluation;

/// <summary>
/// Predictions of any model in the formats that COCO's and LVIS' tools take (cocodataset.org, "results format"): an array of
/// detections with <c>image_id</c>, <c>category_id</c>, <c>score</c> and a <c>bbox</c> or a <c>segmentation</c> (run lengths,
/// compressed or not, or polygons); or an object whose <c>annotations</c> are images with <c>segments_info</c>, their PNGs in
/// the folder of the file's name (panopticapi). Answers to sentences have a <c>query</c> instead of a category.
/// </summary>
/// <remarks>The file is passed over once, which leaves 12 bytes a record; a record is read when its image is judged, by any thread.</remarks>
internal sealed class PredictionFile : IDisposable
{
    private const int Shown = 5;

    private readonly string _path;
    private readonly bool _byQuery;
    private readonly Dictionary<(ImageId Image, string? Query), List<RecordPlace>> _places = [];
    private readonly HashSet<(ImageId Image, string? Query)> _asked = [];
    private readonly Dictionary<ImageId, string> _categories = [];
    private readonly DataFolder _segments;
    private readonly SafeFileHandle _file;

    /// <param name="categories">Those of the data set, by id, with the name that figures are told under.</param>
    /// <param name="byQuery">Whether predictions answer sentences.</param>
    public PredictionFile(string path, IEnumerable<(string Id, string Name)> categories, bool byQuery = false)
    {
        (_path, _byQuery, _segments) = (path, byQuery, new(Path.ChangeExtension(path, null)));
        foreach (var (id, name) in categories)
            _categories.Add(id, name);
        var file = new JsonRecordFile(path);
        file.Scan(new Dictionary<string, JsonRecordFile.Visitor> { [""] = Note, ["annotations"] = Note });
        if (_places.Count == 0 && !IsArray(path))
            throw new SourcePlace(path).Problem("it holds no predictions: neither is it an array of detections, nor has it 'annotations'.");
        _file = file.Open();
    }

    /// <summary>Records in all.</summary>
    public long Count { get; private set; }

    /// <summary>The detections in an image.</summary>
    /// <param name="overlap">What will be compared: masks are not decoded where boxes are.</param>
    public List<DetectedObject> Detections(ImageId image, int width, int height, DetectionOverlap overlap)
    {
        var found = new List<DetectedObject>();
        foreach (var place in PlacesOf(image, null))
            Read(place, record =>
            {
                if (record.FieldOrNull("segments_info") is { } segments)
                    found.AddRange(Segments(record, segments, width, height));
                else
                    found.Add(Detection(record, width, height, overlap));
            });
        return found;
    }

    /// <summary>The mask that answers a sentence about an image: empty where the file says nothing, null for an answer that failed.</summary>
    public SegmentationMask? Answer(ImageId image, string query, int width, int height)
    {
        var masks = new List<SegmentationMask>();
        var failed = false;
        foreach (var place in PlacesOf(image, query))
            Read(place, record =>
            {
                failed |= record.Flag("failed");
                if (CocoInstance.ReadMask(record, width, height) is { } mask)
                    masks.Add(mask);
                else if (!record.Flag("failed"))
                    throw new InvalidDataException("the field 'segmentation' is missing.");
            });
        return failed ? null : SegmentationMask.Union(masks, width, height);
    }

    /// <summary>Whether anything is said of an image; what was asked for once is known to belong to the data set.</summary>
    public bool Knows(ImageId image)
    {
        _asked.Add((image, null));
        return _places.ContainsKey((image, null));
    }

    /// <summary>The same of a sentence about it.</summary>
    public void Expect(ImageId image, string query) => _asked.Add((image, query));

    /// <exception cref="InvalidDataException">There are predictions that nobody has asked for: they belong to other data.</exception>
    public void RequireAllAsked()
    {
        foreach (var ((image, query), places) in _places.Where(pair => !_asked.Contains(pair.Key)).Take(1))
            throw Place(places[0]).Problem(query is null
                ? $"the data set has no image with the id {image}. It has {_asked.Count}, such as {string.Join(", ", _asked.Take(Shown).Select(one => one.Image))}; are these predictions for another part?"
                : $"the data set does not ask '{query}' about the image {image}.");
    }

    public void Dispose() => _file.Dispose();

    private static bool IsArray(string path)
    {
        using var reader = new StreamReader(path);
        int character;
        while ((character = reader.Read()) >= 0 && char.IsWhiteSpace((char)character))
        {
        }
        return character == '[';
    }

    private void Note(ReadOnlySpan<byte> record, RecordPlace place)
    {
        try
        {
            var key = ReadKey(record);
            if (!_places.TryGetValue(key, out var places))
                _places.Add(key, places = []);
            places.Add(place);
            Count++;
        }
        catch (InvalidDataException error)
        {
            throw Place(place).Problem(error);
        }
    }

    private (ImageId Image, string? Query) ReadKey(ReadOnlySpan<byte> record)
    {
        ImageId? image = null;
        string? query = null;
        var reader = new Utf8JsonReader(record);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new InvalidDataException($"expected a prediction, an object, found {reader.TokenType}.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isImage = reader.ValueTextEquals("image_id"u8), isQuery = _byQuery && reader.ValueTextEquals("query"u8);
            reader.Read();
            if (isImage)
                image = reader.TokenType switch
                {
                    JsonTokenType.Number when reader.TryGetInt64(out var number) => number,
                    JsonTokenType.Number when reader.TryGetDouble(out var number) && Math.Abs(number) < long.MaxValue && number == Math.Floor(number) => (long)number,
                    JsonTokenType.String => reader.GetString()!,
                    _ => null,
                };
            else if (isQuery && reader.TokenType == JsonTokenType.String)
                query = reader.GetString();
            reader.Skip();
        }
        return (image ?? throw new InvalidDataException("the field 'image_id' is missing, or neither a whole number nor a text."),
            _byQuery ? query ?? throw new InvalidDataException("the field 'query' is missing: it says which sentence is answered.") : null);
    }

    private List<RecordPlace> PlacesOf(ImageId image, string? query) => _places.GetValueOrDefault((image, query)) ?? [];

    private SourcePlace Place(RecordPlace place) => new(_path, place.Offset);

    private void Read(RecordPlace place, Action<JsonElement> read)
    {
        try
        {
            using var json = JsonRecordFile.Read(_file, place);
            read(json.RootElement);
        }
        catch (Exception error) when (SourcePlace.IsDataProblem(error))
        {
            throw Place(place).Problem(error);
        }
    }

    private string CategoryOf(JsonElement record)
    {
        var field = record.Field("category_id");
        var id = field.ValueKind == JsonValueKind.String ? new ImageId(field.GetString()!) : field.Whole("category_id");
        return _categories.TryGetValue(id, out var name) ? name
            : throw new InvalidDataException($"the data set has no category with the id {id}. It has {_categories.Count}, such as {string.Join(", ", _categories.Take(Shown).Select(one => $"{one.Key} ({one.Value})"))}.");
    }

    // A detection with a box alone covers it whole, as pycocotools takes it (coco.py, loadRes). Of one with both, COCO's tools
    // take the box's area for the mask's; here a mask's area is its own, as detectron2 and others see to by removing the box.
    private DetectedObject Detection(JsonElement record, int width, int height, DetectionOverlap overlap)
    {
        var category = CategoryOf(record);
        var score = record.Field("score").Number("score");
        PlacedBox? box = record.FieldOrNull("bbox") is { } corners ? CocoInstance.ReadBox(corners) : null;
        var mask = overlap == DetectionOverlap.Boxes && box is not null ? null : CocoInstance.ReadMask(record, width, height);
        if (mask is null && box is null)
            throw new InvalidDataException("it has neither a 'segmentation' nor a 'bbox'.");
        if (mask is null && overlap != DetectionOverlap.Boxes && box is { } whole)
            mask = SegmentationMask.FromPolygons([[whole.X, whole.Y, whole.X, whole.Y + whole.Height, whole.X + whole.Width, whole.Y + whole.Height, whole.X + whole.Width, whole.Y]], width, height);
        var placed = box ?? mask!.Box;
        return new(category, score, mask, (BoundingBox)placed) { Extents = placed };
    }

    private List<DetectedObject> Segments(JsonElement record, JsonElement segments, int width, int height)
    {
        var path = _segments.Resolve(record.TextOf("file_name"));
        var map = LabelMap.LoadPng(path);
        if (map.Width != width || map.Height != height)
            throw new InvalidDataException($"'{path}' is {map.Width} x {map.Height} pixels, but its image {width} x {height}.");
        var masks = new Dictionary<int, SegmentationMask>(map.Masks());
        masks.Remove(0);
        var found = new List<DetectedObject>();
        foreach (var segment in segments.Items("segments_info"))
        {
            var id = segment.WholeOf("id");
            if (id is < 1 or > 0xFFFFFF || !masks.Remove((int)id, out var mask))
                throw new InvalidDataException($"no pixel of '{path}' belongs to segment {id}, or it is listed twice.");
            found.Add(new(CategoryOf(segment), 1, mask));
        }
        return masks.Count == 0 ? found : throw new InvalidDataException($"'{path}' has a segment {masks.Keys.First()} that is not listed in 'segments_info'.");
    }
}
