namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>A data set that was recognised by its files.</summary>
/// <param name="Source">The file or folder by which it was recognised.</param>
/// <param name="Open">Opens it with the options it was looked for with.</param>
internal sealed record FoundDataSet(DataSetLayout Layout, string Source, Func<SegmentationDataSet> Open);

/// <summary>Recognises the layout of data sets by the names of their files and a glance into them.</summary>
public static class DataSetFinder
{
    // A folder of more JSON files has one an image, which the first one tells.
    private const int MostFiles = 200;
    private static readonly string[] MapFolders = ["stuffthingmaps", "pixelmaps", "labelmaps"], ImageFolders = ["images", "image", "imgs", "img", "JPEGImages", "data"], MaskFolders = ["masks", "mask", "gt"];

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
            0 => throw new IOException($"No data set{(layout is null ? "" : $" of layout {layout}")}{(options?.Split is { } split ? $" of split '{split}'" : "")} was recognised in '{path}'. {UnreadFormats.Describe(path)} docs/guides/data.md shows the layouts; the methods of each take any files."),
            _ => throw new IOException($"Several data sets were recognised in '{path}': {string.Join(", ", found.Select(one => $"{one.Layout} ({one.Source})"))}. Choose a layout or a split, or name the annotation file."),
        };
    }

    internal static IReadOnlyList<FoundDataSet> Find(string path, DataSetOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new();
        if (File.Exists(path))
            return Path.GetExtension(path).ToLowerInvariant() is ".yaml" or ".yml" ? FindYolo(Path.GetDirectoryName(Path.GetFullPath(path))!, path, options) : FindFile(path, options);
        if (!Directory.Exists(path))
            throw new IOException($"There is no file or folder '{path}' (looked for at '{Path.GetFullPath(path)}').");
        string[] roots = [.. new[] { path, Path.Combine(path, "annotations") }.Where(Directory.Exists)];
        if (Array.Find(roots, OpenImagesFiles.AreIn) is { } tables)
            return [new(DataSetLayout.OpenImages, tables, () => new OpenImages(tables, options))];
        var found = new List<FoundDataSet>();
        // The published archives of VOC unpack to VOCdevkit/VOC2012.
        string[] vocs = [.. new[] { path, Path.Combine(path, "VOCdevkit") }.Where(Directory.Exists).SelectMany(folder => ImageFiles.FoldersIn(folder).Prepend(folder)).Distinct().Where(PascalVoc.IsAt)];
        found.AddRange(vocs.Select(folder => new FoundDataSet(DataSetLayout.Voc, folder, () => new PascalVoc(folder, options))));
        if (YoloNames.FileIn(path) is { } names)
            found.AddRange(FindYolo(path, names, options));
        found.AddRange(FindJson(roots, options));
        // The parts of a data set in folders of their own: train, valid, test.
        if (found.Count == 0)
            found.AddRange(ImageFiles.FoldersIn(path).Where(folder => options.Split is null || SplitName.Matches(folder, options.Split))
                .SelectMany(folder => FindJson([folder, .. new[] { Path.Combine(folder, "annotations") }.Where(Directory.Exists)], options with { Split = null })));
        // The instances that sentences refer to are no data set beside them.
        if (found.Exists(one => one.Layout == DataSetLayout.RefCoco))
            found.RemoveAll(one => one.Layout != DataSetLayout.RefCoco);
        found.AddRange(FindMaps(path, options));
        if (found.Count == 0 && Below(path, ImageFolders, options.Split) is { } images && Below(path, MaskFolders, options.Split) is { } masks)
            found.Add(new(DataSetLayout.Folder, path, () => new ImageMaskFolder(images, masks, options: options)));
        return found;
    }

    private static List<FoundDataSet> FindJson(string[] folders, DataSetOptions options)
    {
        foreach (string folder in folders)
            if (ImageFiles.In(folder, ".json").FirstOrDefault() is { } first && JsonGlance.At(first).Layout is DataSetLayout.ReasonSeg or DataSetLayout.Labelme)
                return FindFile(first, options);
        (string File, JsonGlance Seen)[] files = [.. folders.SelectMany(folder => ImageFiles.In(folder, ".json").Take(MostFiles)).Select(file => (file, JsonGlance.At(file)))];
        string[] ofSplit = SplitName.Choose(files.Select(one => one.File), options.Split);
        files = [.. files.Where(one => one.Seen.Layout == DataSetLayout.RefCoco || ofSplit.Contains(one.File))];
        var found = new List<FoundDataSet>();
        var passedOver = new List<(string File, string Why)>();
        foreach ((string file, JsonGlance seen) in files)
        {
            // COCO's archive has files of captions and of people's joints beside the instances of each split.
            bool isBeside = seen.HasKeypoints && files.Any(other => other.Seen is { Layout: DataSetLayout.Coco, HasKeypoints: false } && SplitName.Last(other.File) == SplitName.Last(file));
            if (seen.Layout is null || isBeside)
                passedOver.Add((file, isBeside ? "it holds keypoints, and another file the instances." : seen.What));
            else
                found.AddRange(FindFile(file, options));
        }
        return [.. found.Select(one => one with
        {
            Open = () =>
            {
                SegmentationDataSet data = one.Open();
                foreach ((string file, string why) in passedOver)
                    data.Note(new(file), $"it is passed over: {why}");
                return data;
            },
        })];
    }

    private static List<FoundDataSet> FindFile(string file, DataSetOptions options)
    {
        var seen = JsonGlance.At(file);
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        Func<SegmentationDataSet>? open = seen.Layout switch
        {
            null => null,
            DataSetLayout.CocoPanoptic => () => new CocoPanoptic(file, Path.ChangeExtension(file, null), ImagesOf(file), options),
            DataSetLayout.RefCoco => () => new RefCoco(file, Path.Combine(folder, "instances.json"), ImagesOf(file), options),
            DataSetLayout.ReasonSeg => () => new ReasonSeg(folder, options),
            DataSetLayout.Labelme => () => new Labelme(folder, ImagesOf(file), options),
            DataSetLayout.LabelStudio => () => new LabelStudio(file, ImagesOf(file), options),
            _ => () => new CocoInstances(file, ImagesOf(file), options, lvis: seen.Layout == DataSetLayout.Lvis),
        };
        return open is null ? [] : [new(seen.Layout!.Value, seen.Layout is DataSetLayout.ReasonSeg or DataSetLayout.Labelme ? folder : file, open)];
    }

    private static List<FoundDataSet> FindYolo(string root, string names, DataSetOptions options)
    {
        (string Split, string Labels, string Images)[] parts = [.. YoloSegmentation.Parts(root)];
        string[] chosen = SplitName.Choose(parts.Select(part => part.Split), options.Split);
        return [.. parts.Where(part => chosen.Contains(part.Split)).Select(part => new FoundDataSet(DataSetLayout.Yolo, part.Labels, () => new YoloSegmentation(part.Labels, part.Images, names, options)))];
    }

    private static IEnumerable<FoundDataSet> FindMaps(string path, DataSetOptions options)
    {
        string? names = ImageFiles.In(path).FirstOrDefault(file => Path.GetFileName(file) is "labels.txt" or "labelmap_names.json");
        if (names is null || Below(path, ImageFolders, options.Split) is not { } images)
            yield break;
        foreach (string kind in MapFolders)
            if (Below(path, [kind], options.Split) is { } maps)
                yield return new(DataSetLayout.CocoStuff, maps, () => new CocoStuff(maps, images, names,
                    kind == MapFolders[0] ? CocoStuffEncoding.StuffThingMaps : CocoStuffEncoding.PixelMaps, options: options));
    }

    // The sub-folder of one of the names, in any case, and of the split within or around it where there is one.
    private static string? Below(string path, string[] names, string? split)
    {
        string? In(string? folder, string name) => folder is null ? null : ImageFiles.FoldersIn(folder).FirstOrDefault(below => Path.GetFileName(below).Equals(name, StringComparison.OrdinalIgnoreCase));
        if (split is not null)
            foreach (string name in names)
                if ((In(In(path, name), split) ?? In(In(path, split), name)) is { } ofSplit)
                    return ofSplit;
        return names.Select(name => In(path, name)).FirstOrDefault(folder => folder is not null);
    }

    // Annotations lie beside their images or in a folder beside them: instances_val2017.json, and val2017 or images. File names may begin with such a folder.
    private static ImageLocator ImagesOf(string file)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!, above = Path.GetDirectoryName(folder) ?? folder;
        // A name of one word, such as panoptic.json, tells no split: the folder called like it has the segments.
        string split = SplitName.Last(file);
        string[] names = split == Path.GetFileNameWithoutExtension(file) ? ImageFolders : [.. ImageFolders.Select(name => Path.Combine(name, split)), split, .. ImageFolders];
        string[] there = [.. new[] { folder, above }.SelectMany(root => names.Select(name => Path.Combine(root, name)).Where(Directory.Exists).Append(root))];
        return new(there);
    }
}
