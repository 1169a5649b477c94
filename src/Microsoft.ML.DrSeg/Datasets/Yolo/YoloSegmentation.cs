using System.Globalization;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>
/// YOLO's text files, one an image: lines of a class's number and the corners of an outline, or a box's centre and sides, in shares
/// of the image. One row an image and class. An image without a file, or with an empty one, shows nothing; as every class was
/// looked for in every image, with <see cref="DataSetOptions.IncludeAbsent"/> there is a row for each that an image has no line of.
/// </summary>
/// <remarks>As docs.ultralytics.com/datasets/segment describes it; outlines, boxes and oriented boxes are told apart by their length.</remarks>
internal sealed class YoloSegmentation : SegmentationDataSet
{
    private const int Box = 4, ShortestOutline = 6;

    // Rounding may carry a corner over the border; more than a hundredth is no share.
    private const double Overshoot = 0.01;
    private readonly string _labels, _images;
    private readonly SortedDictionary<int, string> _names;

    /// <param name="labelFolder">The text files.</param>
    /// <param name="imageFolder">The images of the same names.</param>
    /// <param name="namesFile">A data.yaml or a list of names.</param>
    public YoloSegmentation(string labelFolder, string imageFolder, string namesFile, DataSetOptions? options = null)
        : base(DataSetLayout.Yolo, options)
    {
        (_labels, _images) = (ExistingFolder(labelFolder), ExistingFolder(Options.ImageFolder ?? imageFolder));
        _names = YoloNames.Read(Existing(namesFile));
    }

    public override IReadOnlyList<Category> Categories => [.. _names.Keys.Select(CategoryOf)];

    /// <summary>The folders of text files below a folder and those of their images: labels and images side by side, a part of the data in each or in folders of them.</summary>
    public static IEnumerable<(string Split, string Labels, string Images)> Parts(string root)
    {
        foreach (string folder in (string[])[root, .. ImageFiles.FoldersIn(root)])
        {
            string split = folder == root ? "" : Path.GetFileName(folder);
            string labels = Path.Combine(folder, "labels"), images = Path.Combine(folder, "images");
            if (Path.GetFileName(folder) == "obj_train_data" && HasLabels(folder))
                yield return (split, folder, folder);
            if (!Directory.Exists(labels))
                continue;
            if (HasLabels(labels))
                yield return (split, labels, Directory.Exists(images) ? images : folder);
            foreach (string part in ImageFiles.FoldersIn(labels).Where(HasLabels))
                yield return (Path.GetFileName(part), part, Path.Combine(images, Path.GetFileName(part)));
        }
    }

    private static bool HasLabels(string folder) => ImageFiles.In(folder, ".txt").Any();

    private Category CategoryOf(int number) => new(number.ToString(CultureInfo.InvariantCulture), _names[number]);

    private protected override IEnumerable<PendingRows> Pending()
    {
        string[] images = [.. ImageFiles.In(_images).Where(ImageFiles.IsImage)];
        if (images.Length == 0)
            throw new SourcePlace(_images).Problem("there is no picture in it. Name the folder of the pictures with --images (ImageFolder).");
        var labels = ImageFiles.In(_labels, ".txt").ToDictionary(file => Path.GetFileNameWithoutExtension(file));
        foreach (string image in images)
        {
            string? file = labels.Remove(Path.GetFileNameWithoutExtension(image), out string? found) ? found : null;
            yield return new(new(file ?? image), () => ReadRows(image, file));
        }
        foreach (string file in labels.Values.Where(file => Path.GetFileName(file) is not ("classes.txt" or "train.txt" or "val.txt" or "test.txt")))
            Skip(new(file), new SourcePlace(file).Problem($"there is no image of that name in '{_images}'."));
    }

    private List<AnnotatedQuery> ReadRows(string image, string? file)
    {
        string id = Path.GetFileNameWithoutExtension(image);
        (int width, int height) = ImageFiles.SizeOf(image);
        var objects = new List<(Category, AnnotatedObject)>();
        var lines = new HashSet<string>(StringComparer.Ordinal);
        foreach ((int number, string line) in file is null ? [] : SmallFile.Lines(file).Index())
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            if (!lines.Add(line.Trim()))
            {
                Note(new(file!), "lines that occur twice are read once.");
                continue;
            }
            try
            {
                objects.Add(ReadLine(line, $"{id}/{number + 1}", width, height));
            }
            catch (Exception error) when (SourcePlace.IsDataProblem(error))
            {
                throw new InvalidDataException($"line {number + 1}: {error.Message}", error);
            }
        }
        return Rows(id, image, width, height, objects, Categories);
    }

    private (Category, AnnotatedObject) ReadLine(string line, string id, int width, int height)
    {
        string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (JsonFields.WholeOf(Number(words[0])) is not { } number || number is < 0 or > int.MaxValue || !_names.ContainsKey((int)number))
            throw new InvalidDataException($"the class {words[0]} is none of the {_names.Count} that are named, {_names.Keys.First()} to {_names.Keys.Last()}.");
        double[] numbers = [.. words.Skip(1).Select(Number)];
        if (numbers.Length != Box && (numbers.Length < ShortestOutline || numbers.Length % 2 != 0))
            throw new InvalidDataException($"a class and {numbers.Length} numbers are neither a box (4) nor an outline (x and y of at least three corners).");
        if (Array.Find(numbers, share => share is < -Overshoot or > 1 + Overshoot) is var far and not 0)
            throw new InvalidDataException($"{far.ToString(CultureInfo.InvariantCulture)} is no share of the image, 0 to 1. Divide pixels by its {width} columns and {height} rows.");
        if (numbers is [var x, var y, var across, var down])
        {
            var box = new BoundingBox((float)((x - across / 2) * width), (float)((y - down / 2) * height), (float)((x + across / 2) * width), (float)((y + down / 2) * height));
            return (CategoryOf((int)number), new(id, null, box, box.Area, ObjectTraits.None));
        }
        var mask = SegmentationMask.FromPolygons([[.. numbers.Select((share, i) => share * (i % 2 == 0 ? width : height))]], width, height);
        return (CategoryOf((int)number), new(id, mask, mask.Box, mask.Area, ObjectTraits.None));
    }

    private static double Number(string word) =>
        double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : throw new InvalidDataException($"'{word}' is no number.");
}
