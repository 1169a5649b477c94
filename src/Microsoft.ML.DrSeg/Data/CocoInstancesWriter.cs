using System.Globalization;
using System.Text.Json;

namespace Microsoft.ML.DrSeg.Data;

/// <summary>
/// Writes a data set in COCO's instance format: a folder with images/*.png and instances.json, masks as compressed run
/// lengths.
/// </summary>
/// <remarks>
/// Everything goes to a folder of another name beside the wanted one, which <see cref="Complete"/> renames at the end: the
/// wanted folder is either whole or not there. Disposing without completing, after a full disk for one, removes all of it.
/// </remarks>
public sealed class CocoInstancesWriter : IDisposable
{
    private readonly string _folder, _partial;
    private readonly IReadOnlyList<string> _categories;
    private readonly List<Image> _images = [];
    private readonly List<Annotation> _annotations = [];

    private readonly record struct Image(long Id, string File, int Width, int Height);

    private readonly record struct Annotation(long Image, int Category, int Width, int Height, long Area, BoundingBox Box, string Counts);

    /// <summary>Begins a data set.</summary>
    /// <param name="folder">Where it shall be; must not exist yet, or be empty.</param>
    /// <param name="categories">Names of the categories; the ids are 1, 2, 3 and so on.</param>
    /// <exception cref="IOException">The folder holds something.</exception>
    public CocoInstancesWriter(string folder, IReadOnlyList<string> categories)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(categories);
        _folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        _categories = categories;
        if (File.Exists(_folder) || (Directory.Exists(_folder) && Directory.EnumerateFileSystemEntries(_folder).Any()))
            throw new IOException($"'{folder}' is there already and is not an empty folder. Choose another folder, or remove it first.");
        _partial = $"{_folder}.{Path.GetRandomFileName()}.partial";
        Directory.CreateDirectory(Path.Combine(_partial, "images"));
    }

    /// <summary>Adds an image and its objects.</summary>
    /// <param name="id">Its id, 0 or more, used once; the file is named by it.</param>
    /// <param name="image">Its pixels.</param>
    /// <param name="objects">Places of categories, from 0, and masks; empty masks are left out.</param>
    /// <exception cref="ArgumentException">A mask has another size than the image, or there is no such category.</exception>
    public void Add(long id, RgbImage image, IEnumerable<(int Category, SegmentationMask Mask)> objects)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(objects);
        string file = string.Create(CultureInfo.InvariantCulture, $"{id:D12}.png");
        foreach (var (category, mask) in objects)
        {
            if (mask.Width != image.Width || mask.Height != image.Height)
                throw new ArgumentException($"Image {id} is {image.Width} x {image.Height} pixels, but the mask of an object ({category}) is {mask.Width} x {mask.Height}.", nameof(objects));
            if (category < 0 || category >= _categories.Count)
                throw new ArgumentException($"Image {id}: there is no category {category}; {_categories.Count} were given.", nameof(objects));
            if (mask.Area > 0)
                _annotations.Add(new(id, category, mask.Width, mask.Height, mask.Area, mask.Box, mask.ToCompressedRunLengths()));
        }
        string path = Path.Combine(_partial, "images", file);
        if (File.Exists(path))
            throw new ArgumentException($"There is an image {id} already.", nameof(id));
        image.Save(path);
        _images.Add(new(id, file, image.Width, image.Height));
    }

    /// <summary>Writes instances.json and gives the folder its name.</summary>
    public void Complete()
    {
        using (var stream = File.Create(Path.Combine(_partial, "instances.json")))
        using (var json = new Utf8JsonWriter(stream))
            Write(json);
        if (Directory.Exists(_folder))
            Directory.Delete(_folder);
        Directory.Move(_partial, _folder);
    }

    /// <summary>Removes what is not complete.</summary>
    public void Dispose()
    {
        if (Directory.Exists(_partial))
            Directory.Delete(_partial, recursive: true);
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("images");
        foreach (Image image in _images)
        {
            json.WriteStartObject();
            json.WriteNumber("id", image.Id);
            json.WriteString("file_name", image.File);
            json.WriteNumber("width", image.Width);
            json.WriteNumber("height", image.Height);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("annotations");
        for (int i = 0; i < _annotations.Count; i++)
            Write(json, _annotations[i], i + 1);
        json.WriteEndArray();
        json.WriteStartArray("categories");
        for (int i = 0; i < _categories.Count; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", i + 1);
            json.WriteString("name", _categories[i]);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Annotation annotation, int id)
    {
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteNumber("image_id", annotation.Image);
        json.WriteNumber("category_id", annotation.Category + 1);
        json.WriteStartObject("segmentation");
        WriteNumbers(json, "size", annotation.Height, annotation.Width);
        json.WriteString("counts", annotation.Counts);
        json.WriteEndObject();
        json.WriteNumber("area", annotation.Area);
        WriteNumbers(json, "bbox", annotation.Box.X0, annotation.Box.Y0, annotation.Box.Width, annotation.Box.Height);
        json.WriteNumber("iscrowd", 0);
        json.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, params ReadOnlySpan<float> values)
    {
        json.WriteStartArray(name);
        foreach (float value in values)
            json.WriteNumberValue(value);
        json.WriteEndArray();
    }
}
