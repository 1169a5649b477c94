using System.Text.RegularExpressions;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>
/// Which file of a folder is which table of OpenImages. They are published under names of several editions in one set:
/// <c>oidv6-train-annotations-bbox.csv</c> goes with <c>train-annotations-object-segmentation.csv</c>, and
/// <c>oidv7-val-annotations-human-imagelabels.csv</c> with <c>validation-annotations-bbox.csv</c>
/// (storage.googleapis.com/openimages/web/download_v7.html).
/// </summary>
internal sealed partial class OpenImagesFiles
{
    private const string MaskTable = "annotations-object-segmentation.csv", BoxTable = "annotations-bbox.csv";
    private readonly string _folder, _root;
    private readonly string? _wanted;

    public OpenImagesFiles(string folder, string? split)
    {
        (_folder, _wanted) = (folder, split);
        _root = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))) == "annotations" ? Path.Combine(folder, "..") : folder;
        string[] tables = [.. ImageFiles.In(folder, ".csv")];
        Masks = Only(tables.Where(file => Is(file, MaskTable) && IsOfSplit(file)));
        Boxes = Only(tables.Where(file => Is(file, BoxTable) && IsOfSplit(file)));
        if ((Masks ?? Boxes) is not { } table)
            throw new FileNotFoundException($"There is neither '{split}*{MaskTable}' nor '{split}*{BoxTable}' in '{folder}'.");
        Split = SplitOf(table);
        string[] labels = [.. tables.Where(file => Name(file).Contains("human-imagelabels", StringComparison.Ordinal) && IsOfSplit(file))];
        // The labels of boxable classes are among those of all classes.
        Labels = Only(labels.Length > 1 ? labels.Where(file => !Name(file).Contains("boxable", StringComparison.Ordinal)) : labels);
        Classes = [.. tables.Where(file => Name(file).Contains("class-descriptions", StringComparison.Ordinal)).OrderByDescending(file => Name(file).Contains("boxable", StringComparison.Ordinal))];
        if (Classes.Count == 0)
            throw new FileNotFoundException($"There is no '*class-descriptions*.csv' in '{folder}'.");
        Hierarchy = Only(ImageFiles.In(folder, ".json").Where(file => Name(file).EndsWith("hierarchy.json", StringComparison.Ordinal)));
        foreach (string? other in (string?[])[Boxes, Labels])
            if (other is not null && SplitOf(other) != Split)
                throw new IOException($"In '{folder}' the tables are of different parts: {Path.GetFileName(table)} and {Path.GetFileName(other)}. Choose a split.");
        PassedOver = [.. tables.Where(IsOfSplit).Except([.. Classes, .. labels, .. new[] { Masks, Boxes }.OfType<string>()]).Where(file => !IsAside(file))];
    }

    /// <summary>The tables; null where there is none.</summary>
    public string? Masks { get; }

    public string? Boxes { get; }

    public string? Labels { get; }

    public string? Hierarchy { get; }

    /// <summary>Descriptions of classes, those of boxable ones first.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>What the tables are of: train, validation or test, or whatever the files begin with.</summary>
    public string Split { get; }

    /// <summary>Tables of the folder that say nothing that is read.</summary>
    public IReadOnlyList<string> PassedOver { get; }

    /// <summary>Whether a folder holds such tables.</summary>
    public static bool AreIn(string folder) => ImageFiles.In(folder, ".csv").Any(file => Is(file, MaskTable) || Is(file, BoxTable));

    /// <summary>Where pictures of a kind lie, "images" or "masks": in folders of that name, of the split, or of both; masks also in one folder an archive.</summary>
    public ImageLocator Pictures(string kind)
    {
        string[] splits = Split == "validation" ? ["validation", "val"] : [Split];
        string[] names = [.. splits.Where(split => split.Length > 0).SelectMany(split => new[] { $"{split}-{kind}", $"{kind}/{split}" }), kind, .. kind == "images" ? splits : []];
        string[] folders = [.. names.Select(name => Path.Combine(_root, name)).Where(Directory.Exists),
            .. ImageFiles.FoldersIn(_root).Where(path => Path.GetFileName(path).StartsWith($"{Split}-{kind}-", StringComparison.Ordinal))];
        return new(folders.Length > 0 ? folders : [Path.Combine(_root, kind)]);
    }

    private bool IsOfSplit(string file) => _wanted is null || SplitOf(file) == Usual(_wanted) || Path.GetFileName(file).StartsWith(_wanted, StringComparison.Ordinal);

    private string? Only(IEnumerable<string> files)
    {
        string[] all = [.. files];
        return all.Length <= 1
            ? all.FirstOrDefault()
            : throw new IOException($"In '{_folder}' several files could be meant: {string.Join(", ", all.Select(Path.GetFileName))}. Choose a split.");
    }

    // Sizes and addresses of images, which are looked up in the images.
    private static bool IsAside(string file) => Name(file).Contains("images-", StringComparison.Ordinal) || Name(file).Contains("image_ids", StringComparison.Ordinal) || Name(file).Contains("image-ids", StringComparison.Ordinal);

    private static bool Is(string file, string ending) => Name(file).EndsWith(ending, StringComparison.Ordinal);

    private static string Name(string file) => Path.GetFileName(file).ToLowerInvariant();

    private static string SplitOf(string file) => Usual(Beginning().Match(Name(file)).Groups[1].Value);

    private static string Usual(string split) => split is "val" or "valid" ? "validation" : split;

    [GeneratedRegex(@"^(?:oidv\d+-)?(.*?)-?annotations-")]
    private static partial Regex Beginning();
}
