using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>
/// A data set on disk that is read row by row. Opening one checks that its files are there; annotations are indexed when
/// the first row is asked for, masks decoded when theirs is. Passes may be repeated and may run side by side.
/// </summary>
/// <remarks>Use <see cref="DrSegDataCatalog"/> for data views; this is what they read from.</remarks>
public abstract class SegmentationDataSet
{
    private protected SegmentationDataSet(DataSetLayout layout, DataSetOptions? options)
    {
        Layout = layout;
        Options = options ?? new();
    }

    /// <summary>How the data set is laid out on disk.</summary>
    public DataSetLayout Layout { get; }

    /// <summary>Which rows are wanted.</summary>
    public DataSetOptions Options { get; }

    /// <summary>All categories of the data set, in its own order; those that were filtered out too.</summary>
    /// <exception cref="InvalidDataException">The annotations cannot be read; the message names file and place.</exception>
    public abstract IReadOnlyList<Category> Categories { get; }

    /// <summary>What was passed over of rows that are given, or of files that belong to none, each told once.</summary>
    internal SkippedRows Notes { get; } = new();

    /// <summary>The rows, ordered by image and then category, in the data set's own order.</summary>
    internal IEnumerable<AnnotatedQuery> Read()
    {
        foreach (PendingRows pending in Pending())
            foreach (AnnotatedQuery row in Load(pending))
                if (Options.Wants(row.Category) && Options.Wants(row) && HasImage(row, pending.Place))
                    yield return row;
    }

    /// <summary>All images that the data set lists, those without a row too; none where only rows tell of images.</summary>
    internal virtual IEnumerable<(string Id, int Width, int Height)> Images() => [];

    /// <summary>What is to be read, in order, without reading it.</summary>
    private protected abstract IEnumerable<PendingRows> Pending();

    /// <summary>Something that is read at once and skipped at once when damaged: a row, or all rows of one label map.</summary>
    private protected readonly record struct PendingRows(SourcePlace Place, Func<IReadOnlyList<AnnotatedQuery>> Load);

    private IReadOnlyList<AnnotatedQuery> Load(PendingRows pending)
    {
        try
        {
            return pending.Load();
        }
        catch (Exception error) when (SourcePlace.IsDataProblem(error))
        {
            Skip(pending.Place, pending.Place.Problem(error));
            return [];
        }
    }

    // Without the image a row is damaged too; where damage is an error, reading the image is soon enough for it.
    private bool HasImage(AnnotatedQuery row, SourcePlace place)
    {
        if (Options.Skipped is null || File.Exists(row.ImagePath))
            return true;
        Options.Skipped.Add(place, place.Problem($"there is no image '{row.ImagePath}'. Name the folder of images with --images (ImageFolder) if it is another.").Message);
        return false;
    }

    /// <summary>Notes a damaged row where that is wanted, and throws where it is not.</summary>
    internal void Skip(SourcePlace place, InvalidDataException problem)
    {
        if (Options.Skipped is null)
            throw problem;
        Options.Skipped.Add(place, problem.Message);
    }

    /// <summary>Notes what was passed over.</summary>
    internal void Note(SourcePlace place, string text) => Notes.Add(place, place.Problem(text).Message);

    /// <summary>Where images are looked for: in the folder that the options name, or else where the layout has them.</summary>
    private protected ImageLocator ImagesOr(ImageLocator usual) => Options.ImageFolder is { } folder ? ExistingFolder(folder) : usual;

    private protected static string Existing(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return File.Exists(path) ? path : throw new FileNotFoundException($"There is no file '{path}' (looked for at '{Path.GetFullPath(path)}').", path);
    }

    private protected static string ExistingFolder(string path) => Directory.Exists(path)
        ? path
        : throw new DirectoryNotFoundException($"There is no folder '{path}' (looked for at '{Path.GetFullPath(path)}').");

    /// <summary>The rows of an image: one for every category that is wanted and has objects there.</summary>
    /// <param name="lookedFor">Categories that are absent where they have no object; none where nobody says so.</param>
    private protected List<AnnotatedQuery> Rows(
        string imageId, string imagePath, int width, int height, IEnumerable<(Category Category, AnnotatedObject Seen)> objects, IEnumerable<Category>? lookedFor = null)
    {
        ILookup<Category, AnnotatedObject> present = objects.ToLookup(one => one.Category, one => one.Seen);
        List<AnnotatedQuery> rows = [.. present.Where(group => Options.Wants(group.Key)).Select(group =>
            Row(imageId, imagePath, group.Key.Name, group.Key, width, height, [.. group], QueryTraits.None))];
        if (Options.IncludeAbsent)
            rows.AddRange((lookedFor ?? []).Where(category => !present.Contains(category) && Options.Wants(category)).Select(category =>
                Row(imageId, imagePath, category.Name, category, width, height, [], QueryTraits.Absent)));
        return rows;
    }

    /// <summary>A row of objects: its mask is their union.</summary>
    private protected static AnnotatedQuery Row(
        string imageId, string imagePath, string query, Category category, int width, int height, IReadOnlyList<AnnotatedObject> objects, QueryTraits traits)
    {
        if (objects.Any(seen => seen.Mask is null))
            traits |= QueryTraits.PartlyMasked;
        var mask = SegmentationMask.Union(objects.Where(seen => seen.Mask is not null).Select(seen => seen.Mask!), width, height);
        return new(imageId, imagePath, query, category, mask, objects, traits | category.Traits);
    }
}

/// <summary>How data sets are laid out on disk; docs/guides/data.md shows each.</summary>
public enum DataSetLayout
{
    /// <summary>One JSON file of instances as polygons or run lengths.</summary>
    Coco,

    /// <summary>A JSON file of segments whose pixels are in coloured PNGs.</summary>
    CocoPanoptic,

    /// <summary>PNGs of category numbers.</summary>
    CocoStuff,

    /// <summary>COCO's format with frequencies, verified absences and incomplete categories.</summary>
    Lvis,

    /// <summary>CSV tables of masks, boxes and image labels, masks as PNGs.</summary>
    OpenImages,

    /// <summary>Sentences that describe instances of a file in COCO's format.</summary>
    RefCoco,

    /// <summary>A JSON file an image: sentences and one outlined target.</summary>
    ReasonSeg,

    /// <summary>A folder of images and one of masks.</summary>
    Folder,

    /// <summary>YOLO's text files of outlines, one an image, as Ultralytics reads them.</summary>
    Yolo,

    /// <summary>labelme's JSON files of shapes, one an image.</summary>
    Labelme,

    /// <summary>PASCAL VOC: PNGs of classes and of objects in colours, and XML files of boxes.</summary>
    Voc,

    /// <summary>Label Studio's JSON file of tasks with their annotations.</summary>
    LabelStudio,
}
