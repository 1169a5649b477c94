using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML.DrSeg.Masks;
using Microsoft.Win32.SafeHandles;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>
/// Label Studio's JSON and JSON-MIN: an array of tasks with outlines, boxes, ellipses and brushed regions in shares of a hundred.
/// One row an image and label. What is absent is not said.
/// </summary>
/// <remarks>Fields as labelstud.io/guide/export and the pages of its tags show them.</remarks>
internal sealed partial class LabelStudio : SegmentationDataSet
{
    private static readonly string[] Kinds = ["polygonlabels", "brushlabels", "rectanglelabels", "ellipselabels", "labels"];
    private readonly JsonRecordFile _file;
    private readonly ImageLocator _images;
    private readonly Lazy<Category[]> _categories;

    public LabelStudio(string file, ImageLocator images, DataSetOptions? options = null)
        : base(DataSetLayout.LabelStudio, options)
    {
        (_file, _images) = (new(Existing(file)), ImagesOr(images));
        _categories = new(() => [.. Labels().Distinct().Select(CategoryOf)]);
    }

    public override IReadOnlyList<Category> Categories => _categories.Value;

    private protected override IEnumerable<PendingRows> Pending()
    {
        List<RecordPlace> tasks = Tasks();
        using SafeFileHandle file = _file.Open();
        foreach (RecordPlace task in tasks)
            yield return new(new(_file.Path, task.Offset), () => ReadRows(file, task));
    }

    private List<RecordPlace> Tasks()
    {
        var tasks = new List<RecordPlace>();
        _file.Scan(new Dictionary<string, JsonRecordFile.Visitor> { [""] = (_, place) => tasks.Add(place) });
        return tasks.Count > 0 ? tasks : throw new SourcePlace(_file.Path).Problem("it is no array of tasks, or an empty one.");
    }

    private static Category CategoryOf(string label) => new(label, label);

    private IEnumerable<string> Labels()
    {
        using SafeFileHandle file = _file.Open();
        foreach (RecordPlace place in Tasks())
        {
            string[] labels = [];
            try
            {
                using JsonDocument task = JsonRecordFile.Read(file, place);
                labels = [.. Regions(task.RootElement, _ => { }).SelectMany(region => LabelsOf(Value(region)))];
            }
            catch (Exception error) when (SourcePlace.IsDataProblem(error))
            {
                // Told when the task's rows are read.
            }
            foreach (string label in labels)
                yield return label;
        }
    }

    private List<AnnotatedQuery> ReadRows(SafeFileHandle file, RecordPlace place)
    {
        using JsonDocument json = JsonRecordFile.Read(file, place);
        JsonElement task = json.RootElement;
        string id = task.Field("id").Id("id"), image = Find(ImageOf(task));
        (int Width, int Height)? size = null;
        var objects = new List<(Category, AnnotatedObject)>();
        void PassedOver(string what) => Note(new(_file.Path, place.Offset), what);
        foreach (JsonElement region in Regions(task, PassedOver))
        {
            JsonElement value = Value(region);
            string[] labels = [.. LabelsOf(value)];
            if (labels.Length == 0)
            {
                PassedOver("entries that label no region are passed over.");
                continue;
            }
            size ??= SizeOf(region, image);
            if (ReadMask(value, size.Value.Width, size.Value.Height) is { } mask)
                objects.AddRange(labels.Select(label => (CategoryOf(label), new AnnotatedObject($"{id}/{objects.Count + 1}", mask, mask.Box, mask.Area, ObjectTraits.None))));
            else
                PassedOver("regions without an area are passed over.");
        }
        return size is var (width, height) ? Rows(id, image, width, height, objects) : [];
    }

    private static (int, int) SizeOf(JsonElement region, string image)
    {
        JsonElement about = region.FieldOrNull("original_width") is null ? Value(region) : region;
        if (((about.FieldOrNull("image_rotation") ?? region.FieldOrNull("image_rotation"))?.Number("image_rotation") ?? 0) is var rotation and not 0)
            throw new InvalidDataException($"its picture was turned by {rotation} degrees in Label Studio. Turn the file itself and annotate that.");
        (int width, int height) = (checked((int)about.WholeOf("original_width")), checked((int)about.WholeOf("original_height")));
        if (File.Exists(image))
            ImageFiles.RequireSize(image, width, height);
        SegmentationMask.CheckedSize(width, height);
        return (width, height);
    }

    private static SegmentationMask? ReadMask(JsonElement value, int width, int height)
    {
        double X(string name) => value.Field(name).Number(name) * width / 100;
        double Y(string name) => value.Field(name).Number(name) * height / 100;
        double degrees = value.FieldOrNull("rotation")?.Number("rotation") ?? 0;
        SegmentationMask Filled(double[] corners) => SegmentationMask.FromPolygons([corners], width, height);
        if (value.FieldOrNull("rle") is { } brush)
            return BrushRuns.Decode([.. brush.Items("rle").Select(one => checked((byte)one.Whole("rle")))], width, height);
        if (value.FieldOrNull("points") is { } points)
            return Filled([.. points.Items("points").SelectMany(point => point.Numbers("points") is [var x, var y] ? new[] { x * width / 100, y * height / 100 } : throw new InvalidDataException("a point has x and y."))]);
        if (value.FieldOrNull("radiusX") is not null)
            return Filled(Outline.Turned(Outline.Ellipse(X("x"), Y("y"), X("radiusX"), Y("radiusY")), degrees, X("x"), Y("y")));
        return value.FieldOrNull("height") is null ? null
            : Filled(Outline.Turned(Outline.Rectangle(X("x"), Y("y"), X("x") + X("width"), Y("y") + Y("height")), degrees, X("x"), Y("y")));
    }

    // JSON has annotations of results, older editions completions; JSON-MIN has the regions themselves under the names of tags.
    private static IEnumerable<JsonElement> Regions(JsonElement task, Action<string> note)
    {
        if ((task.FieldOrNull("annotations") ?? task.FieldOrNull("completions")) is not { } annotations)
            return task.EnumerateObject().Where(field => field.Value.ValueKind == JsonValueKind.Array && field.Name != "predictions")
                .SelectMany(field => field.Value.EnumerateArray()).Where(item => item.ValueKind == JsonValueKind.Object);
        JsonElement[] done = [.. annotations.Items("annotations").Where(annotation => !annotation.Flag("was_cancelled"))];
        if (done.Length > 1)
            note($"of {done.Length} annotations of one picture one is read: the one marked as ground truth, or the first.");
        return done.Length == 0 ? [] : done.FirstOrDefault(annotation => annotation.Flag("ground_truth"), done[0]).ItemsOf("result");
    }

    private static JsonElement Value(JsonElement region) => region.FieldOrNull("value") ?? region;

    private static IEnumerable<string> LabelsOf(JsonElement value) =>
        Kinds.Select(kind => value.FieldOrNull(kind)).FirstOrDefault(labels => labels is not null) is { } found ? found.Items("labels").Select(label => label.Text("labels")) : [];

    // The file's name, or its address on the server: /data/upload/1/8f3a01bc-a.jpg, /data/local-files/?d=folder/a.jpg, s3://bucket/a.jpg.
    private static string ImageOf(JsonElement task)
    {
        JsonElement data = task.FieldOrNull("data") ?? task;
        string[] texts = [.. data.EnumerateObject().Where(field => field.Value.ValueKind == JsonValueKind.String).OrderBy(field => field.Name == "image" ? 0 : 1).Select(field => field.Value.GetString()!)];
        string name = texts.FirstOrDefault(text => ImageFiles.IsImage(text.Split('?', '#')[text.Contains("?d=", StringComparison.Ordinal) ? 1 : 0]))
            ?? throw new InvalidDataException($"none of its data is the name of an image: {string.Join(", ", texts.Select(text => text.Length > 40 ? text[..40] + "..." : text))}.");
        int local = name.IndexOf("?d=", StringComparison.Ordinal);
        return Uri.UnescapeDataString(local >= 0 ? name[(local + 3)..] : name.Split('?', '#')[0]).TrimStart('/');
    }

    // What was uploaded got eight digits before its name.
    private string Find(string name)
    {
        string path = _images.Find(name);
        return !File.Exists(path) && Uploaded().Match(name) is { Success: true } match && _images.Find(name[(match.Index + match.Length)..]) is var original && File.Exists(original) ? original : path;
    }

    [GeneratedRegex(@"(?<=^|/)[0-9a-f]{8}-(?=[^/]*$)")]
    private static partial Regex Uploaded();
}
