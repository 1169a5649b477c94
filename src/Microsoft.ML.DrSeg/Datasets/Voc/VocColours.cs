using System.Globalization;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>
/// Which colours stand for which classes in PASCAL VOC's PNGs: those of the data set, of CVAT's labelmap.txt, or of the names in
/// labelme's class_names.txt in VOC's order of colours. Colours are red + 256 green + 65536 blue.
/// </summary>
internal sealed class VocColours
{
    // VOC2012's classes in their order (host.robots.ox.ac.uk/pascal/VOC/voc2012).
    private static readonly string[] Standard =
    [
        "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
    ];

    private readonly Dictionary<int, Category> _categories = [];
    private readonly HashSet<int> _outside = [0];

    public VocColours(string root)
    {
        if (FileOf(root, "labelmap.txt") is { } map)
            ReadMap(map);
        else if (FileOf(root, "class_names.txt") is { } names)
            AddInOrder(SmallFile.Lines(names).Select(line => line.Trim()).Where(line => line is not ("" or "__ignore__" or "_background_" or "background")));
        else
            AddInOrder(Standard);
    }

    /// <summary>The colour of the place 255, between objects and around them: neither this nor that.</summary>
    public static int Void { get; } = ColourOf(255);

    public IReadOnlyCollection<Category> Categories => _categories.Values;

    /// <summary>Whether a colour stands for no class.</summary>
    public bool IsOutside(int colour) => colour == Void || _outside.Contains(colour);

    public Category CategoryOf(int colour) => _categories.TryGetValue(colour, out Category? category) ? category
        : throw new InvalidDataException($"its colour ({colour & 255}, {colour >> 8 & 255}, {colour >> 16}) stands for no class. labelmap.txt names colours: 'dog:64,0,128::'.");

    /// <summary>The category of a name that boxes use; new where no colour has it.</summary>
    public Category Named(string name) => _categories.Values.FirstOrDefault(category => category.Name == name) ?? new(name, name);

    /// <summary>The colour of a place in VOC's palette: the place's bits in turn for red, green and blue, from the highest bit down.</summary>
    public static int ColourOf(int place)
    {
        int colour = 0;
        for (int bit = 7; place > 0; bit--, place >>= 3)
            colour |= (place & 1) << bit | (place >> 1 & 1) << bit + 8 | (place >> 2 & 1) << bit + 16;
        return colour;
    }

    private static string? FileOf(string root, string name) => Path.Combine(root, name) is var path && File.Exists(path) ? path : null;

    private void AddInOrder(IEnumerable<string> names)
    {
        foreach (string name in names)
            Add(ColourOf(_categories.Count + 1), name);
    }

    private void Add(int colour, string name)
    {
        if (!_categories.TryAdd(colour, new(name, name)))
            throw new InvalidDataException($"'{_categories[colour].Name}' and '{name}' have the same colour.");
    }

    // Lines "label:red,green,blue:parts:actions".
    private void ReadMap(string file)
    {
        foreach ((int number, string line) in SmallFile.Lines(file).Index())
        {
            if (string.IsNullOrWhiteSpace(line) || line.StartsWith('#'))
                continue;
            int[]? parts = line.Split(':') is [_, var colour, ..] ? [.. colour.Split(',').Select(part => byte.TryParse(part.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out byte value) ? value : -1)] : null;
            if (parts is not [>= 0, >= 0, >= 0])
                throw new SourcePlace(file).Problem($"line {number + 1}: expected 'label:red,green,blue:parts:actions', found '{(line.Length > 40 ? line[..40] + "..." : line)}'.");
            int packed = parts[0] | parts[1] << 8 | parts[2] << 16;
            if (line.Split(':')[0] is var name && name == "background")
                _outside.Add(packed);
            else
                Add(packed, name);
        }
    }
}
