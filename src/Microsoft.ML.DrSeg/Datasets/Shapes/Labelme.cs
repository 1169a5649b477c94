using System.Text.Json;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>
/// labelme: for every image a JSON file of its shapes. One row a label; shapes of one label and group are one object. Points and
/// lines have no area and are passed over. What is absent is not said.
/// </summary>
/// <remarks>Fields and shapes as of labelme 5 (labelme/_label_file.py and labelme/utils/shape.py in wkentaro/labelme).</remarks>
internal sealed class Labelme : SegmentationDataSet
{
    private readonly string _folder;
    private readonly ImageLocator _images;
    private readonly Lazy<Category[]> _categories;

    /// <param name="images">The images' names are relative to the JSON files, often by "..", or looked for by their last part.</param>
    public Labelme(string folder, ImageLocator images, DataSetOptions? options = null)
        : base(DataSetLayout.Labelme, options)
    {
        (_folder, _images) = (ExistingFolder(folder), ImagesOr(images));
        _categories = new(() => [.. ImageFiles.In(_folder, ".json").SelectMany(LabelsOf).Distinct().Select(CategoryOf)]);
    }

    public override IReadOnlyList<Category> Categories => _categories.Value;

    private protected override IEnumerable<PendingRows> Pending() => ImageFiles.In(_folder, ".json").Select(file => new PendingRows(new(file), () => ReadRows(file)));

    private static Category CategoryOf(string label) => new(label, label);

    // Those of a damaged file are told when its rows are read.
    private static string[] LabelsOf(string file)
    {
        try
        {
            using JsonDocument json = SmallFile.Json(file);
            return [.. json.RootElement.ItemsOf("shapes").Select(shape => shape.TextOf("label"))];
        }
        catch (Exception error) when (SourcePlace.IsDataProblem(error))
        {
            return [];
        }
    }

    private List<AnnotatedQuery> ReadRows(string file)
    {
        using JsonDocument json = SmallFile.Json(file);
        JsonElement root = json.RootElement;
        string image = _images.Find(root.TextOf("imagePath"));
        (int width, int height) = ImageFiles.SizeOf(image);
        if (root.FieldOrNull("imageWidth") is { } columns && root.FieldOrNull("imageHeight") is { } rows)
        {
            (width, height) = (checked((int)columns.Whole("imageWidth")), checked((int)rows.Whole("imageHeight")));
            ImageFiles.RequireSize(image, width, height);
        }
        string id = Path.GetFileNameWithoutExtension(file);
        var objects = new List<(Category Category, string? Group, SegmentationMask Mask)>();
        int number = 0;
        foreach (JsonElement shape in root.ItemsOf("shapes"))
        {
            number++;
            try
            {
                string? group = shape.FieldOrNull("group_id")?.Id("group_id");
                if (ReadMask(shape, width, height) is { } mask)
                    objects.Add((CategoryOf(shape.TextOf("label")), group ?? $"#{number}", mask));
                else
                    Note(new(file), "points and lines have no area and are passed over.");
            }
            catch (Exception error) when (SourcePlace.IsDataProblem(error))
            {
                throw new InvalidDataException($"shape {number}: {error.Message}", error);
            }
        }
        return Rows(id, image, width, height, objects.GroupBy(one => (one.Category, one.Group)).Select((parts, i) =>
        {
            var mask = SegmentationMask.Union(parts.Select(part => part.Mask), width, height);
            return (parts.Key.Category, new AnnotatedObject($"{id}/{i + 1}", mask, mask.Box, mask.Area, ObjectTraits.None));
        }));
    }

    private static SegmentationMask? ReadMask(JsonElement shape, int width, int height)
    {
        double[][] points = [.. shape.ItemsOf("points").Select(point => point.Numbers("points") is { Length: 2 } pair ? pair : throw new InvalidDataException("a point has x and y."))];
        string type = shape.FieldOrNull("shape_type")?.Text("shape_type") ?? "polygon";
        return (type, points) switch
        {
            ("polygon" or "oriented_rectangle", _) => Filled([.. points.SelectMany(point => point)]),
            ("rectangle", [[var x0, var y0], [var x1, var y1]]) => Filled(Outline.Rectangle(x0, y0, x1, y1)),
            ("circle", [[var x, var y], [var x1, var y1]]) => Math.Sqrt((x1 - x) * (x1 - x) + (y1 - y) * (y1 - y)) is var radius ? Filled(Outline.Ellipse(x, y, radius, radius)) : null,
            ("mask", [[var x, var y], ..]) => Placed(shape.TextOf("mask"), x, y, width, height),
            ("point" or "points" or "line" or "linestrip", _) => null,
            _ => throw new InvalidDataException($"a shape of the type '{type}' with {points.Length} points is none of labelme's."),
        };

        SegmentationMask Filled(double[] corners) => SegmentationMask.FromPolygons([corners], width, height);
    }

    // A PNG as text, which lies with its corner at a point of the image.
    private static SegmentationMask Placed(string text, double x, double y, int width, int height)
    {
        LabelMap patch = PngLabelDecoder.Decode(Convert.FromBase64String(text));
        long left = checked((long)Math.Round(x)), top = checked((long)Math.Round(y));
        var ends = new List<int>();
        for (int column = 0; column < patch.Width; column++)
            for (int row = 0; row < patch.Height; row++)
                if (patch.Labels[row * patch.Width + column] != 0 && left + column is >= 0 and var toX && toX < width && top + row is >= 0 and var toY && toY < height)
                {
                    int at = (int)(toX * height + toY);
                    // Pixel by pixel; where one begins at the last one's end, the change of sides is none.
                    if (ends.Count > 0 && ends[^1] == at)
                        ends[^1]++;
                    else
                        ends.AddRange([at, at + 1]);
                }
        return SegmentationMask.FromRunEnds(ends, width, height);
    }
}
