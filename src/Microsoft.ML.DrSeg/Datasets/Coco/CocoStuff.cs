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
    private readonly string _maps;
    private readonly ImageLocator _images;
    private readonly CocoStuffEncoding _encoding;
    private readonly SortedDictionary<int, Category> _categories = [];
    private readonly HashSet<int> _ignored;

    public CocoStuff(
        string mapFolder, ImageLocator images, string namesFile, CocoStuffEncoding encoding, IReadOnlyCollection<int>? ignoredLabels = null, DataSetOptions? options = null)
        : base(DataSetLayout.CocoStuff, options)
    {
        (_maps, _images, _encoding) = (ExistingFolder(mapFolder), ImagesOr(images), encoding);
        _ignored = [.. ignoredLabels ?? (encoding == CocoStuffEncoding.StuffThingMaps ? [255] : [0, Other])];
        ReadNames(Existing(namesFile));
    }

    public override IReadOnlyList<Category> Categories => [.. _categories.Where(pair => !_ignored.Contains(LabelOf(pair.Key))).Select(pair => pair.Value)];

    private protected override IEnumerable<PendingRows> Pending()
    {
        foreach (string other in ImageFiles.In(_maps))
            if (!Path.GetExtension(other).Equals(".png", StringComparison.OrdinalIgnoreCase) && (ImageFiles.IsImage(other) || ImageFiles.IsOtherImage(other)))
                Skip(new(other), new SourcePlace(other).Problem("label maps must be PNGs: other formats change labels."));
        foreach (string map in ImageFiles.In(_maps, ".png"))
            yield return new(new(map), () => ReadRows(map));
    }

    private int LabelOf(int category) => _encoding == CocoStuffEncoding.StuffThingMaps ? category - 1 : category;

    private int CategoryOf(int label) => _encoding == CocoStuffEncoding.StuffThingMaps ? label + 1 : label;

    private List<AnnotatedQuery> ReadRows(string path)
    {
        var map = LabelMap.LoadPng(path);
        string id = Path.GetFileNameWithoutExtension(path), image = _images.FindByStem(id);
        ImageFiles.RequireSize(image, map.Width, map.Height);
        return Rows(id, image, map.Width, map.Height, map.Masks().Where(pair => !_ignored.Contains(pair.Key)).OrderBy(pair => pair.Key).Select(pair =>
            _categories.TryGetValue(CategoryOf(pair.Key), out Category? category)
                ? (category, new AnnotatedObject(category.Id, pair.Value, pair.Value.Box, pair.Value.Area, ObjectTraits.None))
                : throw new InvalidDataException($"its label {pair.Key} stands for category {CategoryOf(pair.Key)}, which has no name. Check the encoding, or ignore the label.")));
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
