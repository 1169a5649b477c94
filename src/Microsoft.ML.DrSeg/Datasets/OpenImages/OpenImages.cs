using System.Globalization;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>
/// OpenImages V7: CSV tables of masks, boxes and verified image labels, masks as PNGs. One row for every image and label
/// that has a box or a mask; with <see cref="DataSetOptions.IncludeAbsent"/> also for labels that people verified to be
/// absent.
/// </summary>
/// <remarks>
/// The folder holds tables of masks and boxes (either may be missing), of image labels and the hierarchy (both may be
/// missing) and of class descriptions, under their published names (<see cref="OpenImagesFiles"/>). Masks of another size than their image are scaled to it; the data set
/// has such masks.
/// </remarks>
internal sealed class OpenImages : SegmentationDataSet
{
    private static readonly (string Column, ObjectTraits Trait)[] BoxTraits =
    [
        ("IsOccluded", ObjectTraits.Occluded), ("IsTruncated", ObjectTraits.Truncated), ("IsGroupOf", ObjectTraits.Group),
        ("IsDepiction", ObjectTraits.Depiction), ("IsInside", ObjectTraits.Inside),
    ];

    private readonly ImageLocator _images, _masks;
    private readonly List<Category> _categories = [];
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly Lazy<OpenImagesTable?> _maskTable, _boxTable, _labelTable;

    public OpenImages(string folder, DataSetOptions? options = null)
        : base(DataSetLayout.OpenImages, options)
    {
        var files = new OpenImagesFiles(ExistingFolder(folder), Options.Split);
        foreach (string classes in files.Classes)
            ReadClasses(classes);
        Hierarchy = files.Hierarchy is { } tree ? CategoryHierarchy.Load(tree) : null;
        (_images, _masks) = (ImagesOr(files.Pictures("images")), files.Pictures("masks"));
        _maskTable = Table(files.Masks, ["MaskPath", "BoxXMin", "BoxXMax", "BoxYMin", "BoxYMax"]);
        _boxTable = Table(files.Boxes, ["XMin", "XMax", "YMin", "YMax", .. BoxTraits.Select(one => one.Column)]);
        _labelTable = Table(files.Labels, ["Confidence"], passesOver: true);
        foreach (string other in files.PassedOver)
            Note(new(other), "it is passed over: it holds neither masks, boxes nor labels that people verified.");
    }

    public override IReadOnlyList<Category> Categories => _categories;

    /// <summary>Which labels are kinds of which, where the folder tells.</summary>
    public CategoryHierarchy? Hierarchy { get; }

    private protected override IEnumerable<PendingRows> Pending()
    {
        using CsvRows? masks = _maskTable.Value?.Open(), boxes = _boxTable.Value?.Open(), labels = Options.IncludeAbsent ? _labelTable.Value?.Open() : null;
        foreach ((ulong image, int label, SourcePlace place) in OpenImagesTable.Keys(_maskTable.Value, _boxTable.Value, labels is null ? null : _labelTable.Value))
            if (Options.Wants(_categories[label]))
                yield return new(place, () => ReadRow(image, label, masks, boxes, labels));
    }

    private AnnotatedQuery[] ReadRow(ulong number, int label, CsvRows? masks, CsvRows? boxes, CsvRows? labels)
    {
        string id = number.ToString("x16", CultureInfo.InvariantCulture);
        Category category = _categories[label];
        try
        {
            string path = _images.FindByStem(id);
            (int width, int height) = ImageFiles.SizeOf(path);
            List<AnnotatedObject> objects = boxes is null ? [] : [.. _boxTable.Value!.Read(boxes, number, label).Select(row => ReadBox(row, width, height))];
            if (masks is not null)
                foreach (CsvRows row in _maskTable.Value!.Read(masks, number, label))
                    AddMask(row, width, height, objects);
            if (objects.Count > 0)
                return [Row(id, path, category.Name, category, width, height, objects, QueryTraits.None)];
            bool absent = labels is not null && _labelTable.Value!.Read(labels, number, label).Any(row => row.Number(_labelTable.Value.Column("Confidence"), "Confidence") == 0);
            return absent ? [Row(id, path, category.Name, category, width, height, [], QueryTraits.Absent)] : [];
        }
        catch (Exception error) when (SourcePlace.IsDataProblem(error))
        {
            throw new InvalidDataException($"image {id}, {category.Name}: {error.Message}", error);
        }
    }

    private AnnotatedObject ReadBox(CsvRows row, int width, int height)
    {
        OpenImagesTable table = _boxTable.Value!;
        BoundingBox box = ReadBox(table, row, "", width, height);
        ObjectTraits traits = ObjectTraits.None;
        foreach ((string column, ObjectTraits trait) in BoxTraits)
            // 0 stands for no, -1 for unknown.
            if (row[table.Column(column)].SequenceEqual("1"u8))
                traits |= trait;
        return new($"row {row.Row}", null, box, box.Area, traits);
    }

    // The tables of boxes and masks share no key but the box itself.
    private void AddMask(CsvRows row, int width, int height, List<AnnotatedObject> objects)
    {
        OpenImagesTable table = _maskTable.Value!;
        string file = row.Text(table.Column("MaskPath"));
        var mask = SegmentationMask.LoadPng(_masks.Find(file));
        if (Math.Abs((double)mask.Width * height - (double)mask.Height * width) > Math.Max(width, height) + Math.Max(mask.Width, mask.Height))
            throw new InvalidDataException($"{row.Place}: the mask '{file}' is {mask.Width} x {mask.Height} pixels, which is not the shape of the image, {width} x {height}.");
        mask = mask.Resize(width, height);
        BoundingBox box = ReadBox(table, row, "Box", width, height);
        float tolerance = 0.01f * Math.Max(width, height);
        int same = objects.FindIndex(seen => seen.Mask is null && !seen.Traits.HasFlag(ObjectTraits.Group) && Farthest(seen.Box, box) <= tolerance);
        var found = new AnnotatedObject(file, mask, box, mask.Area, same < 0 ? ObjectTraits.None : objects[same].Traits);
        if (same < 0)
            objects.Add(found);
        else
            objects[same] = found;
    }

    private static BoundingBox ReadBox(OpenImagesTable table, CsvRows row, string prefix, int width, int height)
    {
        double x0 = Side("XMin"), x1 = Side("XMax"), y0 = Side("YMin"), y1 = Side("YMax");
        if (x1 < x0 || y1 < y0)
            throw new InvalidDataException($"{row.Place}: the box {x0} {y0} {x1} {y1} has a side below 0.");
        return new((float)(x0 * width), (float)(y0 * height), (float)(x1 * width), (float)(y1 * height));

        double Side(string name)
        {
            double value = row.Number(table.Column(prefix + name), prefix + name);
            return value is >= 0 and <= 1 ? value : throw new InvalidDataException($"{row.Place}: {prefix + name} is {value}; sides are shares of the image, 0 to 1.");
        }
    }

    private static float Farthest(BoundingBox first, BoundingBox second) => Math.Max(
        Math.Max(Math.Abs(first.X0 - second.X0), Math.Abs(first.Y0 - second.Y0)), Math.Max(Math.Abs(first.X1 - second.X1), Math.Abs(first.Y1 - second.Y1)));

    private Lazy<OpenImagesTable?> Table(string? file, string[] columns, bool passesOver = false) =>
        new(() => file is null ? null : new OpenImagesTable(file, columns, _places, this, passesOver));

    // With or without a header: editions differ. Whichever file tells of a class first names it.
    private void ReadClasses(string path)
    {
        using var rows = CsvRows.Open(path);
        var own = new HashSet<string>(StringComparer.Ordinal);
        while (rows.MoveNext())
        {
            if (rows.Count != 2)
                throw rows.Place.Problem($"expected LabelName,DisplayName, found {rows.Count} fields.");
            if (rows.Row == 1 && rows.Text(0) is "LabelName" or "id")
                continue;
            if (!own.Add(rows.Text(0)))
                throw rows.Place.Problem($"the label '{rows.Text(0)}' occurs twice.");
            if (_places.TryAdd(rows.Text(0), _categories.Count))
                _categories.Add(new(rows.Text(0), rows.Text(1)));
        }
    }
}
