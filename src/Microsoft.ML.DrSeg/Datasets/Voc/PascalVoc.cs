using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>
/// PASCAL VOC, as published and as annotation tools export it: JPEGImages, SegmentationClass and SegmentationObject with PNGs whose
/// colours are classes and objects, Annotations with XML files of boxes. One row a class of an image; without PNGs, of boxes alone.
/// Every class was looked for in every image, so that with <see cref="DataSetOptions.IncludeAbsent"/> there is a row for each that
/// is not there.
/// </summary>
internal sealed class PascalVoc : SegmentationDataSet
{
    private const double SameBox = 0.5;
    private static readonly string[] ImageLists = ["Segmentation", "Main"];
    private readonly string _root;
    private readonly string? _classes, _objects, _boxes;
    private readonly ImageLocator _images;
    private readonly VocColours _colours;

    public PascalVoc(string root, DataSetOptions? options = null)
        : base(DataSetLayout.Voc, options)
    {
        _root = ExistingFolder(root);
        (_classes, _objects, _boxes) = (Folder("SegmentationClass", "SegmentationClassPNG"), Folder("SegmentationObject", "SegmentationObjectPNG"), Folder("Annotations"));
        _images = ImagesOr(new ImageLocator(Folder("JPEGImages", "images") ?? _root));
        _colours = new(_root);
        if (_objects is not null && _classes is null)
            throw new DirectoryNotFoundException($"There is no folder 'SegmentationClass' in '{_root}', which says what the objects of 'SegmentationObject' are.");
    }

    public override IReadOnlyList<Category> Categories => [.. _colours.Categories];

    /// <summary>Whether a folder is laid out like this.</summary>
    public static bool IsAt(string folder) => Exists(folder, "SegmentationClass") || Exists(folder, "SegmentationClassPNG") || Exists(folder, "SegmentationObject")
        || (Exists(folder, "JPEGImages") && Exists(folder, "Annotations") && ImageFiles.In(Path.Combine(folder, "Annotations"), ".xml").Any());

    private protected override IEnumerable<PendingRows> Pending()
    {
        string[] names = [.. ImageFiles.In(_classes ?? _boxes!, _classes is null ? ".xml" : ".png").Select(file => Path.GetFileNameWithoutExtension(file))];
        if (Options.Split is { } split)
            names = ListOf(split);
        else if (_classes is not null && _boxes is not null && ImageFiles.In(_boxes, ".xml").Select(file => Path.GetFileNameWithoutExtension(file)).Except(names).Count() is > 0 and var without)
            Note(new(_boxes), $"{without} of its files belong to no picture of SegmentationClass and are passed over.");
        foreach (string name in names)
            yield return new(new(Path.Combine(_classes ?? _boxes!, name + (_classes is null ? ".xml" : ".png"))), () => ReadRows(name));
    }

    private List<AnnotatedQuery> ReadRows(string name)
    {
        string image = _images.FindByStem(name);
        (int width, int height) = ImageFiles.SizeOf(image);
        var objects = new List<(Category Category, AnnotatedObject Seen)>();
        if (_classes is not null)
        {
            Dictionary<int, SegmentationMask> classes = Masks(_classes, name, out (int Width, int Height) size);
            ImageFiles.RequireSize(image, size.Width, size.Height);
            (width, height) = size;
            Dictionary<int, SegmentationMask>? seen = _objects is null ? null : Masks(_objects, name, out (int Width, int Height) own) is var found && own == size ? found
                : throw new InvalidDataException($"'{name}' is {width} x {height} pixels in SegmentationClass, but {own.Width} x {own.Height} in SegmentationObject.");
            foreach ((int colour, SegmentationMask mask) in classes.Where(one => !_colours.IsOutside(one.Key)))
                objects.AddRange(seen is null ? [(_colours.CategoryOf(colour), Object($"{name}/{_colours.CategoryOf(colour).Name}", mask))] : Objects(name, _colours.CategoryOf(colour), mask, seen));
        }
        if (_boxes is not null && Path.Combine(_boxes, name + ".xml") is var file && File.Exists(file))
            AddBoxes(name, VocBox.Read(file), objects);
        return Rows(name, image, width, height, objects, Categories);
    }

    private static AnnotatedObject Object(string id, SegmentationMask mask) => new(id, mask, mask.Box, mask.Area, ObjectTraits.None);

    // The pixels of a class by the objects that they belong to; together they are all of them.
    private static List<(Category, AnnotatedObject)> Objects(string name, Category category, SegmentationMask of, Dictionary<int, SegmentationMask> all)
    {
        var found = new List<(Category, AnnotatedObject)>();
        SegmentationMask rest = of;
        foreach ((int number, SegmentationMask mask) in all.Where(one => one.Key != 0 && one.Key != VocColours.Void).OrderBy(one => one.Key))
            if (mask.IntersectionArea(of) is > 0 and var shared)
            {
                if (2 * shared > mask.Area)
                    found.Add((category, Object($"{name}/{number}", mask)));
                rest = rest.Except(mask);
            }
        return rest.Area == 0 ? found : throw new InvalidDataException($"{rest.Area} of {of.Area} pixels of '{category.Name}' belong to no object in SegmentationObject.");
    }

    // Boxes tell more of objects that have a mask, and of objects that have none.
    private void AddBoxes(string name, List<VocBox> boxes, List<(Category Category, AnnotatedObject Seen)> objects)
    {
        for (int i = 0; i < boxes.Count; i++)
        {
            VocBox box = boxes[i];
            int at = Enumerable.Range(0, objects.Count).Where(place => objects[place].Category.Name == box.Name).DefaultIfEmpty(-1).MaxBy(place => place < 0 ? 0 : objects[place].Seen.Box.IntersectionOverUnion(box.Box));
            if (at >= 0 && (_objects is null || objects[at].Seen.Box.IntersectionOverUnion(box.Box) >= SameBox))
                objects[at] = (objects[at].Category, objects[at].Seen with { Traits = objects[at].Seen.Traits | box.Traits });
            else
                objects.Add((_colours.Named(box.Name), new($"{name}/box {i + 1}", null, box.Box, box.Box.Area, box.Traits)));
        }
    }

    // By colours, whatever the order of a palette; numbers stand for the colours of VOC's own.
    private static Dictionary<int, SegmentationMask> Masks(string folder, string name, out (int Width, int Height) size)
    {
        var map = LabelMap.LoadPng(Path.Combine(folder, name + ".png"));
        size = (map.Width, map.Height);
        int Colour(int label) => map.Palette is { } palette ? label < palette.Length ? palette[label] : throw new InvalidDataException($"the place {label} is beyond its palette.")
            : map.AreColours ? label : VocColours.ColourOf(label);
        var masks = new Dictionary<int, SegmentationMask>();
        foreach ((int label, SegmentationMask mask) in map.Masks())
            masks[Colour(label)] = masks.TryGetValue(Colour(label), out SegmentationMask? other) ? other.Union(mask) : mask;
        return masks;
    }

    // ImageSets/Segmentation/val.txt, a name a line; those of boxes in Main, with a number behind where they are of one class.
    private string[] ListOf(string split)
    {
        string[] files = [.. ImageLists.Select(kind => Path.Combine(_root, "ImageSets", kind, split + ".txt"))];
        return Array.Find(files, File.Exists) is { } file
            ? [.. SmallFile.Lines(file).Select(line => line.Trim().Split(' ')[0]).Where(name => name.Length > 0).Select(name => new DataFolder(_root).Within(name) is null ? throw new SourcePlace(file).Problem($"'{name}' is no name of an image.") : name)]
            : throw new FileNotFoundException($"There is no list of the split '{split}': neither '{string.Join("' nor '", files)}'.");
    }

    private string? Folder(params string[] names) => names.Select(name => Path.Combine(_root, name)).FirstOrDefault(Directory.Exists);

    private static bool Exists(string folder, string name) => Directory.Exists(Path.Combine(folder, name));
}
