using System.Text;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>A data set that was recognised by its files.</summary>
/// <param name="Source">The file or folder by which it was recognised.</param>
/// <param name="Open">Opens it with the options it was looked for with.</param>
internal sealed record FoundDataSet(DataSetLayout Layout, string Source, Func<SegmentationDataSet> Open);

/// <summary>Recognises the layout of data sets by the names of their files and a glance into them.</summary>
public static class DataSetFinder
{
    private static readonly string[] MapFolders = ["stuffthingmaps", "pixelmaps", "labelmaps"];

    /// <summary>The one data set there.</summary>
    /// <param name="path">A folder or an annotation file.</param>
    /// <param name="options">Which rows are wanted; the split also chooses among annotation files.</param>
    /// <param name="layout">Which layout is meant, where there are several.</param>
    /// <exception cref="IOException">There is none, or there are several.</exception>
    public static SegmentationDataSet Open(string path, DataSetOptions? options = null, DataSetLayout? layout = null)
    {
        FoundDataSet[] found = [.. Find(path, options).Where(one => layout is null || one.Layout == layout)];
        return found.Length switch
        {
            1 => found[0].Open(),
            0 => throw new IOException($"No data set{(layout is null ? "" : $" of layout {layout}")} was recognised in '{path}'. docs/guides/data.md shows the layouts; the methods of each take any files."),
            _ => throw new IOException($"Several data sets were recognised in '{path}': {string.Join(", ", found.Select(one => $"{one.Layout} ({one.Source})"))}. Choose a layout or a split, or name the annotation file."),
        };
    }

    internal static IReadOnlyList<FoundDataSet> Find(string path, DataSetOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new();
        if (File.Exists(path))
            return FindFile(path, options);
        if (!Directory.Exists(path))
            throw new IOException($"There is no file or folder '{path}' (looked for at '{Path.GetFullPath(path)}').");
        if (Directory.EnumerateFiles(path, "*.csv").Any(file => file.EndsWith("annotations-object-segmentation.csv", StringComparison.Ordinal) || file.EndsWith("annotations-bbox.csv", StringComparison.Ordinal)))
            return [new(DataSetLayout.OpenImages, path, () => new OpenImages(path, options))];

        string[] json = [.. new[] { path, Path.Combine(path, "annotations") }.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, "*.json")).Order(StringComparer.Ordinal)];
        if (json.Any(file => Directory.EnumerateFiles(path, Path.GetFileNameWithoutExtension(file) + ".*").Any(ImageFiles.IsImage)))
            return [new(DataSetLayout.ReasonSeg, path, () => new ReasonSeg(path, options))];
        var found = new List<FoundDataSet>();
        foreach (string file in json)
            if (options.Split is null || file.Contains(options.Split, StringComparison.Ordinal) || LayoutOf(file) == DataSetLayout.RefCoco)
                found.AddRange(FindFile(file, options));
        // The instances that sentences refer to are no data set beside them.
        if (found.Find(one => one.Layout == DataSetLayout.RefCoco) is { } sentences)
            return [sentences];
        found.AddRange(FindMaps(path, options));
        if (found.Count == 0 && Below(path, "images", options.Split) is { } images && Below(path, "masks", options.Split) is { } masks)
            found.Add(new(DataSetLayout.Folder, path, () => new ImageMaskFolder(images, masks, options: options)));
        return found;
    }

    private static FoundDataSet[] FindFile(string file, DataSetOptions options)
    {
        if (LayoutOf(file) is not { } layout)
            return [];
        string images = ImagesOf(file);
        return [new(layout, file, layout switch
        {
            DataSetLayout.CocoPanoptic => () => new CocoPanoptic(file, Path.ChangeExtension(file, null), images, options),
            DataSetLayout.RefCoco => () => new RefCoco(file, Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, "instances.json"), images, options),
            _ => () => new CocoInstances(file, images, options, lvis: layout == DataSetLayout.Lvis),
        })];
    }

    private static IEnumerable<FoundDataSet> FindMaps(string path, DataSetOptions options)
    {
        string? names = Directory.EnumerateFiles(path).FirstOrDefault(file => Path.GetFileName(file) is "labels.txt" or "labelmap_names.json");
        if (names is null || Below(path, "images", options.Split) is not { } images)
            yield break;
        foreach (string kind in MapFolders)
            if (Below(path, kind, options.Split) is { } maps)
                yield return new(DataSetLayout.CocoStuff, maps, () => new CocoStuff(maps, images, names,
                    kind == MapFolders[0] ? CocoStuffEncoding.StuffThingMaps : CocoStuffEncoding.PixelMaps, options: options));
    }

    // The sub-folder of that name, and of the split within it where there is one.
    private static string? Below(string path, string name, string? split)
    {
        string folder = Path.Combine(path, name);
        if (split is not null && Directory.Exists(Path.Combine(folder, split)))
            return Path.Combine(folder, split);
        return Directory.Exists(folder) ? folder : null;
    }

    // Annotations lie beside their images or in a folder beside them: instances_val2017.json, and val2017 or images.
    private static string ImagesOf(string file)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!, above = Path.GetDirectoryName(folder) ?? folder;
        string[] parts = Path.GetFileNameWithoutExtension(file).Split('_');
        string[] names = parts.Length > 1 ? [Path.Combine("images", parts[^1]), parts[^1], "images"] : ["images"];
        return new[] { folder, above }.SelectMany(root => names.Select(name => Path.Combine(root, name))).FirstOrDefault(Directory.Exists) ?? folder;
    }

    // By words that occur in one format alone. Images, annotations and categories may be far apart, so both ends are read.
    private static DataSetLayout? LayoutOf(string file)
    {
        const int glance = 1 << 20;
        using FileStream stream = File.OpenRead(file);
        byte[] ends = new byte[(int)Math.Min(stream.Length, 2 * glance)];
        int head = Math.Min(ends.Length, glance);
        stream.ReadExactly(ends, 0, head);
        stream.Seek(head - ends.Length, SeekOrigin.End);
        stream.ReadExactly(ends, head, ends.Length - head);
        string text = Encoding.Latin1.GetString(ends);
        bool Has(string field) => text.Contains($"\"{field}\"", StringComparison.Ordinal);
        return Has("sentences") ? DataSetLayout.RefCoco
            : Has("segments_info") || Has("isthing") ? DataSetLayout.CocoPanoptic
            : Has("neg_category_ids") || Has("frequency") ? DataSetLayout.Lvis
            : Has("images") || Has("annotations") ? DataSetLayout.Coco
            : null;
    }
}
