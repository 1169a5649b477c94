using System.Globalization;
using System.Text.Json;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>What the pixels of COCO-Stuff's PNGs mean; two encodings are in use.</summary>
public enum CocoStuffEncoding
{
    /// <summary><c>stuffthingmaps</c>: the category's id minus 1; 255 for no category.</summary>
    StuffThingMaps,

    /// <summary><c>pixelmaps</c>: the category's id; 0 for no category, and 183 ("other") for all things, which is none either.</summary>
    PixelMaps,
}

/// <summary>
/// COCO-Stuff and other folders of PNGs with a category in every pixel. One row for every category of an image; what is
/// asked for is all of it, since such maps know no instances.
/// </summary>
internal sealed class CocoStuff : SegmentationDataSet
{
    private const int FirstStuff = 92, Other = 183;
    private readonly DataFolder _maps, _images;
    private readonly CocoStuffEncoding _encoding;
    private readonly SortedDictionary<int, Category> _categories = [];
    private readonly HashSet<int> _ignored;

    public CocoStuff(
        string mapFolder, string imageFolder, string namesFile, CocoStuffEncoding encoding, IReadOnlyCollection<int>? ignoredLabels = null, DataSetOptions? options = null)
        : base(DataSetLayout.CocoStuff, options)
    {
        (_maps, _images, _encoding) = (new(ExistingFolder(mapFolder)), new(imageFolder), encoding);
        _ignored = [.. ignoredLabels ?? (encoding == CocoStuffEncoding.StuffThingMaps ? [255] : [0, Other])];
        ReadNames(Existing(namesFile));
    }

    public override IReadOnlyList<Category> Categories => [.. _categories.Where(pair => !_ignored.Contains(LabelOf(pair.Key))).Select(pair => pair.Value)];

    private protected override IEnumerable<PendingRows> Pending()
    {
        foreach (string map in Directory.EnumerateFiles(_maps.FullPath, "*.png").Order(StringComparer.Ordinal))
            yield return new(new(map), () => ReadRows(map));
    }

    private int LabelOf(int category) => _encoding == CocoStuffEncoding.StuffThingMaps ? category - 1 : category;

    private int CategoryOf(int label) => _encoding == CocoStuffEncoding.StuffThingMaps ? label + 1 : label;

    private List<AnnotatedQuery> ReadRows(string path)
    {
        var map = LabelMap.LoadPng(path);
        string id = Path.GetFileNameWithoutExtension(path), image = ImageFiles.Find(_images, id);
        if (ImageFiles.SizeOf(image) is var size && size != (map.Width, map.Height))
            throw new InvalidDataException($"it is {map.Width} x {map.Height} pixels, but its image '{image}' {size.Width} x {size.Height}.");
        var rows = new List<AnnotatedQuery>();
        foreach ((int label, SegmentationMask mask) in map.Masks().OrderBy(pair => pair.Key))
        {
            if (_ignored.Contains(label))
                continue;
            if (!_categories.TryGetValue(CategoryOf(label), out Category? category))
                throw new InvalidDataException($"its label {label} stands for category {CategoryOf(label)}, which has no name. Check the encoding, or ignore the label.");
            if (Options.Wants(category))
                rows.Add(Row(id, image, category.Name, category, map.Width, map.Height,
                    [new(category.Id, mask, mask.Box, mask.Area, ObjectTraits.None)], QueryTraits.None));
        }
        return rows;
    }

    private void ReadNames(string path)
    {
        try
        {
            foreach ((string key, string name) in Path.GetExtension(path) == ".json" ? NamesOfJson(path) : NamesOfLines(path))
            {
                if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int id))
                    throw new InvalidDataException($"'{key}' is no category id.");
                if (!_categories.TryAdd(id, new(key, name, id >= FirstStuff ? QueryTraits.Stuff : QueryTraits.None)))
                    throw new InvalidDataException($"the category {id} has two names.");
            }
        }
        catch (Exception error) when (SourcePlace.IsDataProblem(error))
        {
            throw new SourcePlace(path).Problem(error);
        }
    }

    private static List<(string, string)> NamesOfJson(string path)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(path));
        return [.. json.RootElement.EnumerateObject().Select(pair => (pair.Name, pair.Value.Text(pair.Name)))];
    }

    private static IEnumerable<(string, string)> NamesOfLines(string path)
    {
        foreach (string line in File.ReadLines(path))
            if (line.Split(':', 2, StringSplitOptions.TrimEntries) is [var id, var name])
                yield return (id, name);
            else if (!string.IsNullOrWhiteSpace(line))
                throw new InvalidDataException($"expected 'id: name', found '{line}'.");
    }
}
