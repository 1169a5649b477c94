using System.Globalization;
using CsvHelper;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Scenes;

/// <summary>
/// Writes OpenImages V7's layout: images/*.png, masks/*.png, and CSV tables of masks, boxes, verified image labels and
/// class descriptions, with a hierarchy in which every class is a kind of entity. Groups have a box and no mask.
/// </summary>
internal sealed class OpenImagesWriter : DataSetWriter
{
    private const string Root = "/m/0bl9f";
    private static readonly CsvWriterOptions Lines = new() { NewLine = "\n" };
    private readonly CsvWriter _masks, _boxes, _labels;

    /// <inheritdoc cref="DataSetWriter.Create" path="/summary|/exception"/>
    /// <param name="folder">Where it shall be; must not exist yet, or be empty.</param>
    /// <param name="categories">Names of the categories; machine names are made up. Stuff is left out.</param>
    public OpenImagesWriter(string folder, IReadOnlyList<WrittenCategory> categories)
        : base(folder, categories)
    {
        _masks = Table("train-annotations-object-segmentation.csv", ["MaskPath", "ImageID", "LabelName", "BoxID", "BoxXMin", "BoxXMax", "BoxYMin", "BoxYMax", "PredictedIoU", "Clicks"]);
        _boxes = Table("train-annotations-bbox.csv", ["ImageID", "Source", "LabelName", "Confidence", "XMin", "XMax", "YMin", "YMax", "IsOccluded", "IsTruncated", "IsGroupOf", "IsDepiction", "IsInside"]);
        _labels = Table("train-annotations-human-imagelabels-boxable.csv", ["ImageID", "Source", "LabelName", "Confidence"]);
    }

    private protected override void Write(WrittenImage image)
    {
        string id = image.Id.ToString("x16", CultureInfo.InvariantCulture);
        image.Image.Save(PathOf("images", id + ".png"));
        for (int i = 0; i < image.Objects.Count; i++)
        {
            WrittenObject seen = image.Objects[i];
            string label = LabelOf(seen.Category);
            string[] box = Sides(seen.Mask);
            _boxes.WriteRecord([id, "xclick", label, "1", .. box, Bit(seen, ObjectTraits.Occluded), Bit(seen, ObjectTraits.Truncated), Bit(seen, ObjectTraits.Group), Bit(seen, ObjectTraits.Depiction), Bit(seen, ObjectTraits.Inside)]);
            if (seen.Traits.HasFlag(ObjectTraits.Group))
                continue;
            string boxId = string.Create(CultureInfo.InvariantCulture, $"{i:x8}"), file = $"{id}_{label[1..].Replace("/", "", StringComparison.Ordinal)}_{boxId}.png";
            seen.Mask.SavePng(PathOf("masks", file));
            _masks.WriteRecord([file, id, label, boxId, .. box, "1.00000", ""]);
        }
        foreach (int category in image.Objects.Select(seen => seen.Category).Distinct())
            _labels.WriteRecord([id, "verification", LabelOf(category), "1"]);
        foreach (int category in image.Absent)
            _labels.WriteRecord([id, "verification", LabelOf(category), "0"]);
    }

    private protected override void WriteTables()
    {
        Close();
        int[] things = [.. Enumerable.Range(0, Categories.Count).Where(category => !Categories[category].IsStuff)];
        // Has no header, as in the original.
        using (var classes = CsvWriter.ToFile(PathOf("class-descriptions-boxable.csv"), Lines))
            foreach (int category in things)
                classes.WriteRecord([LabelOf(category), Categories[category].Name]);
        WriteJson("bbox_labels_hierarchy.json", json =>
        {
            json.WriteStartObject();
            json.WriteString("LabelName", Root);
            json.WriteArray("Subcategory", things, (to, category) =>
            {
                to.WriteStartObject();
                to.WriteString("LabelName", LabelOf(category));
                to.WriteEndObject();
            });
            json.WriteEndObject();
        });
    }

    /// <inheritdoc/>
    protected override void Close()
    {
        _masks.Dispose();
        _boxes.Dispose();
        _labels.Dispose();
    }

    private CsvWriter Table(string name, string[] columns)
    {
        var table = CsvWriter.ToFile(PathOf(name), Lines);
        table.WriteRecord(columns);
        return table;
    }

    private static string LabelOf(int category) => string.Create(CultureInfo.InvariantCulture, $"/m/0{category:x5}");

    // As shares of the image, with enough digits to give the pixels back.
    private static string[] Sides(SegmentationMask mask)
    {
        double[] sides = [mask.Box.X0 / (double)mask.Width, mask.Box.X1 / (double)mask.Width, mask.Box.Y0 / (double)mask.Height, mask.Box.Y1 / (double)mask.Height];
        return [.. sides.Select(side => side.ToString("R", CultureInfo.InvariantCulture))];
    }

    private static string Bit(WrittenObject seen, ObjectTraits trait) => seen.Traits.HasFlag(trait) ? "1" : "0";
}
